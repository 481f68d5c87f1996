"""Sellers' orders: one per (shop order, seller), kept from the hub's hooks."""

"""Sellers' packages: the default one of an order, and those an OMS reports."""

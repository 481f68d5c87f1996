"""Omnitron, the commerce hub: channels, catalogue, prices, stock, stores, places, customers, shop orders, hooks."""

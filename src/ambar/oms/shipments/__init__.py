"""Shipments: what was handed to a carrier, with its tracking numbers."""

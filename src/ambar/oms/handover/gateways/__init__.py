"""Calls to the Seller Center."""

"""Transfers: goods on their way from one location to the package of another."""

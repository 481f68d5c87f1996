"""Sellers of the marketplace, their users, and what a caller may see of whom."""

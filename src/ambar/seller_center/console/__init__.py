"""The Seller Center's screens, for sellers (own rows only) and the marketplace owner."""

"""The Seller Center's copy of the products sold on it."""

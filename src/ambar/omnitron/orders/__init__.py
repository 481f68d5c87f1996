"""Shop orders and their items."""

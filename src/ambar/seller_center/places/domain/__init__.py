"""Pure shapes of places."""

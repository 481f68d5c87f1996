"""Shell commands of stock."""

"""Values and refusals of stock keeping."""

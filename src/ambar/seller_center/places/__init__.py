"""Countries, cities, townships and districts under the Seller Center's own ids."""

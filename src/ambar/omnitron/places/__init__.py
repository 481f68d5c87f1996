"""Countries, cities, townships and districts."""

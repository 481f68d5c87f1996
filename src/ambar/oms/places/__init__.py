"""Countries, cities, townships, districts: copied from upstream, found by id, name or learned alias."""

"""Products, price lists, prices and catalogues."""

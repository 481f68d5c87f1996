"""Stock lists and the stock of products in them."""

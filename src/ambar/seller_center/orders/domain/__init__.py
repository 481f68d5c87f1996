"""Pure rules of orders: codes, parsing, cutting per seller."""

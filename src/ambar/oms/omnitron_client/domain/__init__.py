"""Pure rules of the client: which name leads to which request."""

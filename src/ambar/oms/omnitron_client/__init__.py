"""The one client of everything upstream: Omnitron, and the Seller Center for the endpoints redirected to it."""

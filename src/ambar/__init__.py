"""Ambar: an open order management system, the Seller Center it serves and the commerce hub it leans on."""

"""Orders, their items and cancellation plans as records taken from the Seller Center."""

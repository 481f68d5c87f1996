"""Cancellation plans: what of an order is to be cancelled or refunded."""

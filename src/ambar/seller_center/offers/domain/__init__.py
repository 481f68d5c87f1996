"""Who supplies an order item."""

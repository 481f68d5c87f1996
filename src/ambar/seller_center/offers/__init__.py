"""What each seller offers: stock and prices per product; who supplies an order item."""

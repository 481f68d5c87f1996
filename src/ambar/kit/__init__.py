"""What the three systems share: no order, package or seller is known here."""

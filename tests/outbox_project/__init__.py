"""Two tiny systems that only exchange events: a sender of parcels and a receiver."""

"""Which events a stock location raises. Akinon OMS: Webhooks, stock location example."""

KIND = "stock_location"
CREATED = "stock_location.created"
UPDATED = "stock_location.updated"

ALL = (CREATED, UPDATED)

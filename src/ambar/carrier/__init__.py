"""A simulated cargo company that answers the shipment-flow contract over HTTP, for demonstrations and tests."""

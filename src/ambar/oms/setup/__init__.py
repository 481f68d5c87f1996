"""Basic Setup: copying what the OMS needs from upstream, and the integration with a Seller Center."""

"""Pure rules of forwarding: what the hub's answers say."""

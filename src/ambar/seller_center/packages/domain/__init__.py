"""Pure rules of packages: states, events folded in order."""

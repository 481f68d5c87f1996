"""Distribution scenarios: the planning rules an operator edits, kept as data."""

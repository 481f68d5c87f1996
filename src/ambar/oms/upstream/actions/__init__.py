"""Acts of intake and status reports, one per file."""

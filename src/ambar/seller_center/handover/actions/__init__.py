"""Acts of the hand-over, one per file."""

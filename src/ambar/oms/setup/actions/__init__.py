"""Acts of Basic Setup, one per file."""

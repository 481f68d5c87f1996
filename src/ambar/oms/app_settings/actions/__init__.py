"""Acts on application settings, one per file."""

"""Acts on places, one per file."""

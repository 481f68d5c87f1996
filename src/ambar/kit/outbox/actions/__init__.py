"""Acts on hooks and deliveries, one per file."""

"""What sellers' systems changed, told to the commerce hub in batches."""

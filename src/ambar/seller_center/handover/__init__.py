"""What a seller's OMS compares with: digests and rows of what this side has of it."""

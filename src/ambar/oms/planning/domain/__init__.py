"""The pure planning function."""

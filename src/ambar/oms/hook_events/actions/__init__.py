"""One business act per file."""

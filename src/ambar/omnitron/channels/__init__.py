"""Sales channels, carriers and the list of content types."""

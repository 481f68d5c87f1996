"""The OMS's screens, by menu entry."""

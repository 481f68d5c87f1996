"""Omnitron's screens: plain lists of what the hub holds."""

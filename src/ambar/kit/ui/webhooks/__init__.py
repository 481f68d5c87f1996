"""Hooks and the delivery log, the same screens in every system."""

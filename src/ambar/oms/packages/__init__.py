"""Packages: the work orders of the floor, their items, events and rules."""

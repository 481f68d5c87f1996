"""Checks, one file per step of the set-up page."""

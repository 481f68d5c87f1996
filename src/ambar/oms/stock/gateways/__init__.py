"""Asking outside services for stock."""

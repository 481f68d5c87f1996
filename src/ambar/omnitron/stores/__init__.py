"""Retail stores."""

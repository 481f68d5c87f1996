"""Delivery settings: which shipping option a package leaves by."""

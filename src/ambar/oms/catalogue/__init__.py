"""Channels and products, as far as the OMS needs them; the rest of the catalogue stays upstream."""

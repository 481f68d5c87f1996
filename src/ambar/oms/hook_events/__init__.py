"""Akinon OMS: webhook event services, beside the hooks resource of the kit."""

"""Locations room."""

from django.apps import AppConfig


class LocationsConfig(AppConfig):
    name = "ambar.oms.locations"
    label = "oms_locations"
    verbose_name = "Locations"
    default_auto_field = "django.db.models.BigAutoField"

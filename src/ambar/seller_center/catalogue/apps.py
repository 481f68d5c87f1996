"""Where the room `catalogue` is plugged in."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "ambar.seller_center.catalogue"
    label = "sc_catalogue"
    default_auto_field = "django.db.models.BigAutoField"

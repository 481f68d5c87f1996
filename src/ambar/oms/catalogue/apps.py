"""Catalogue room."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "ambar.oms.catalogue"
    label = "oms_catalogue"
    verbose_name = "Catalogue"
    default_auto_field = "django.db.models.BigAutoField"

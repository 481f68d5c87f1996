"""Scenarios room."""

from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "ambar.oms.scenarios"
    label = "oms_scenarios"
    verbose_name = "Scenarios"
    default_auto_field = "django.db.models.BigAutoField"

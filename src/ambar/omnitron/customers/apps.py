"""Customers room."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "ambar.omnitron.customers"
    label = "omnitron_customers"
    verbose_name = "Customers"
    default_auto_field = "django.db.models.BigAutoField"

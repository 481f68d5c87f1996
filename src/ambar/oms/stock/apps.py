"""Stock room."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "ambar.oms.stock"
    label = "oms_stock"
    verbose_name = "Stock"
    default_auto_field = "django.db.models.BigAutoField"

"""Stock room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StockConfig(AppConfig):
    name = "ambar.oms.stock"
    label = "oms_stock"
    verbose_name = "Stock"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.locations.registry import register_engines
        from ambar.oms.stock import engines, jobs  # noqa: F401

        register_engines(engines.hold)
        post_migrate.connect(engines.plant_after_migrate, sender=self, dispatch_uid="oms_stock_engines")

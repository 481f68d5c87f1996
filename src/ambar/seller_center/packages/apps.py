"""Where the room `packages` is plugged in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    name = "ambar.seller_center.packages"
    label = "sc_packages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.seller_center.orders import registry
        from ambar.seller_center.packages import jobs

        jobs.register()
        registry.on_new_orders(make_default_packages)


def make_default_packages(orders: Sequence[Any], now: datetime) -> None:
    """A new order counts as one package with the default delivery setting (decision 13)."""
    from ambar.seller_center.packages import store

    store.make_defaults([order.order_id for order in orders], now=now)

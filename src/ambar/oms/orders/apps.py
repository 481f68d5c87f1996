"""Room of orders."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Akinon OMS: Orders."""

    name = "ambar.oms.orders"
    label = "oms_orders"
    verbose_name = "Orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.oms.orders import queries
        from ambar.oms.states import registry

        registry.show_logs("order", lambda principal: queries.visible(principal).values("id"))

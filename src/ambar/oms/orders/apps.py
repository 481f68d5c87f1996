"""Room of orders."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Akinon OMS: Orders."""

    name = "ambar.oms.orders"
    label = "oms_orders"
    verbose_name = "Orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox
        from ambar.oms.orders import queries
        from ambar.oms.orders.domain import events
        from ambar.oms.orders.publishing import publish
        from ambar.oms.states import registry

        for type_ in events.ALL:
            outbox.register_event(type_, events.KIND)
        outbox.register_scope("channel")
        outbox.register_publisher(events.KIND, publish)
        registry.show_logs("order", lambda principal: queries.visible(principal).values("id"))

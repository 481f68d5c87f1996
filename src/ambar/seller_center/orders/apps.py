"""Where the room `orders` is plugged in."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "ambar.seller_center.orders"
    label = "sc_orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox
        from ambar.seller_center.orders import jobs
        from ambar.seller_center.orders.domain import events

        for type_, kind in events.ALL.items():
            outbox.register_event(type_, kind)
        jobs.register()

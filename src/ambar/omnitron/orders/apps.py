"""Orders room."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "ambar.omnitron.orders"
    label = "omnitron_orders"
    verbose_name = "Orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox

        outbox.register_event("order.created", "order")
        outbox.register_event("order.updated", "order")
        outbox.spare_callers()

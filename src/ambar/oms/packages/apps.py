"""Room of packages."""

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    """Akinon OMS: Packages."""

    name = "ambar.oms.packages"
    label = "oms_packages"
    verbose_name = "Packages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox
        from ambar.oms.orders import registry as orders
        from ambar.oms.packages import holders, publishing, queries
        from ambar.oms.packages.domain import events
        from ambar.oms.states import registry as states
        from ambar.oms.stock import registry as stock

        for type in events.ALL:
            outbox.register_event(type, events.KIND)
        outbox.register_publisher(events.KIND, publishing.publish)
        states.show_logs("package", lambda principal: queries.visible(principal).values("id"))
        orders.show_orders(lambda principal: queries.visible(principal).values("order_id"))
        stock.register_holder_check("package_item", holders.living)
        stock.register_quota_count(holders.counted_quota)

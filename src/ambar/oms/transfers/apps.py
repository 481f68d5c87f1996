"""Room of transfers."""

from django.apps import AppConfig


class TransfersConfig(AppConfig):
    """Akinon OMS: Transfer orders."""

    name = "ambar.oms.transfers"
    label = "oms_transfers"
    verbose_name = "Transfers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox
        from ambar.oms.packages.registry import add_detail, add_item_detail
        from ambar.oms.states import registry as states
        from ambar.oms.stock import registry as stock
        from ambar.oms.transfers import holders, publishing, queries
        from ambar.oms.transfers.domain import events

        for type in events.ALL:
            outbox.register_event(type, events.KIND)
        outbox.register_publisher(events.KIND, publishing.publish)
        states.show_logs("transfer", lambda principal: queries.visible(principal).values("id"))
        add_detail("transfers", queries.of_packages)
        add_item_detail("transfer_orders", queries.of_item)
        stock.register_holder_check("transfer_item", holders.living)

"""Room of shipments."""

from django.apps import AppConfig


class ShipmentsConfig(AppConfig):
    """Akinon OMS: Shipments."""

    name = "ambar.oms.shipments"
    label = "oms_shipments"
    verbose_name = "Shipments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ambar.kit import outbox
        from ambar.oms.packages.payload import register_part
        from ambar.oms.shipments import jobs, moving_goods, publishing, queries  # noqa: F401
        from ambar.oms.shipments.domain import tracking
        from ambar.oms.transfers import registry as transfers

        outbox.register_event(tracking.CREATED, tracking.KIND)
        outbox.register_event(tracking.STATUS_UPDATED, tracking.KIND)
        outbox.register_event(tracking.CANCELLED, tracking.KIND)
        outbox.register_publisher(tracking.KIND, publishing.publish)
        register_part("shipment", queries.of_packages)
        transfers.add_detail("shipment", queries.of_transfers)
        transfers.follow(moving_goods.follow)

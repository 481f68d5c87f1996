"""The shipment commands, and the loop by which packages follow their parcels."""

from ambar.kit import clock, work
from ambar.oms.commands import registry
from ambar.oms.commands.shipments import (
    ship_advanced,
    ship_the_package,
    ship_without_integration,
    shipment_order,
    update_shipment_info,
    update_shipment_status,
)
from ambar.oms.commands.shipments.follow_parcels import follow_parcels
from ambar.oms.shipments.actions.talk_to_carriers import FOLLOW_LOOP


def declare_all() -> None:
    """Called once when the room gets ready."""
    registry.declare(shipment_order.COMMAND)
    registry.declare(ship_advanced.COMMAND)
    registry.declare(ship_the_package.COMMAND)
    registry.declare(ship_the_package.BASIC)
    registry.declare(ship_without_integration.COMMAND)
    registry.declare(update_shipment_status.COMMAND)
    registry.declare(update_shipment_info.COMMAND)
    work.loop(FOLLOW_LOOP, lambda: follow_parcels(now=clock.now()), idle_seconds=2.0)

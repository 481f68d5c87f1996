"""Room of commands."""

from django.apps import AppConfig


class CommandsConfig(AppConfig):
    """Akinon OMS: Commands."""

    name = "ambar.oms.commands"
    label = "oms_commands"
    verbose_name = "Commands"

    def ready(self) -> None:
        from ambar.oms.commands import queries, registry
        from ambar.oms.commands.packages import (
            block,
            complete_packaging,
            deallocate,
            plain_transition,
            unblock,
        )
        from ambar.oms.commands.shipments import shipment_order, update_shipment_status
        from ambar.oms.commands.transfers import declared
        from ambar.oms.packages.registry import offer_commands

        registry.declare(deallocate.COMMAND)
        registry.declare(complete_packaging.COMMAND)
        registry.declare(block.COMMAND)
        registry.declare(unblock.COMMAND)
        registry.declare(plain_transition.COMMAND)
        registry.declare(shipment_order.COMMAND)
        registry.declare(update_shipment_status.COMMAND)
        offer_commands(queries.runnable)
        declared.declare_all()

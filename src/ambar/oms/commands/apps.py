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
            cancel,
            complete_packaging,
            complete_packaging_with_shipment,
            confirm_cancellation,
            deallocate,
            manual_planning,
            plain_transition,
            product_not_found,
            product_not_found_advanced,
            refuse,
            refuse_cancellation,
            reschedule,
            unblock,
        )
        from ambar.oms.commands.shipments import declared as shipments_declared
        from ambar.oms.commands.transfers import declared
        from ambar.oms.packages.registry import offer_commands

        registry.declare(deallocate.COMMAND)
        registry.declare(complete_packaging.COMMAND)
        registry.declare(complete_packaging_with_shipment.COMMAND)
        registry.declare(block.COMMAND)
        registry.declare(unblock.COMMAND)
        registry.declare(plain_transition.COMMAND)
        registry.declare(refuse.COMMAND)
        registry.declare(reschedule.COMMAND)
        registry.declare(manual_planning.COMMAND)
        registry.declare(product_not_found.COMMAND)
        registry.declare(product_not_found_advanced.COMMAND)
        registry.declare(cancel.COMMAND)
        registry.declare(confirm_cancellation.COMMAND)
        registry.declare(refuse_cancellation.COMMAND)
        offer_commands(queries.runnable)
        shipments_declared.declare_all()
        declared.declare_all()

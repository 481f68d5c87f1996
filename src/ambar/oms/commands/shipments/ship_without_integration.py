"""Akinon OMS: Ship The Package without Shipment Integration."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ambar.kit.refusals import Invalid
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.shipments.shipping import shipped
from ambar.oms.orders.models import OrderItem
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs

Accepted = Callable[[Collection[int]], dict[int, int]]
_accepted: list[Accepted] = []


def register_accepted(look_up: Accepted) -> None:
    """A higher room knows the status upstream has accepted last: `look_up(order item ids) -> {id: OrderStatus code}`."""
    _accepted.append(look_up)


def run(batch: Batch) -> None:
    """Shipped, when upstream holds the same status for every order item of the package as this system does."""
    items = {item.order_item_id for package in batch.standing for item in package.items}
    here = dict(OrderItem.objects.filter(pk__in=items).values_list("pk", "state"))
    there: dict[int, int] = {}
    for look_up in _accepted:
        there |= look_up(items)
    for package in batch.standing:
        apart = [
            i.order_item_id for i in package.items if there.get(i.order_item_id) != here[i.order_item_id]
        ]
        if apart:
            said = ", ".join(f"{i}: {here[i]} here, {there.get(i, 'nothing')} upstream" for i in apart)
            batch.refuse(
                package.id,
                Invalid(fields={"transition": [f"Upstream holds another status of order items ({said})."]}),
            )
    shipped(batch)


COMMAND = Command(
    code="SHIP_WITHOUT_SHIPMENT_INTEGRATION",
    kind="package",
    title="Ship The Package without Shipment Integration",
    pairs=pairs([PackageStatus.PACKED], [PackageStatus.SHIPPED]),
    parameters=NoParameters,
    run=run,
)

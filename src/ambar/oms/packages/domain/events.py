"""Which events a package raises.

Akinon OMS: Webhooks; `docs/decisions/` (events): the specific event of a state when there is one, and
`package.status.transitioned` always; a package born out of stock raises `package.created` and
`package.status.out_of_stock`.
"""

from __future__ import annotations

from ambar.oms.states.domain.codes import PackageStatus

KIND = "package"
CREATED = "package.created"
TRANSITIONED = "package.status.transitioned"
REFUSED = "package.refused"
AWB_NUMBER = "package.shipment.awb_number"

OF_STATE: dict[int, str] = {
    PackageStatus.PREPARING: "package.status.preparing",
    PackageStatus.PACKED: "package.status.packed",
    PackageStatus.SHIPPED: "package.status.shipped",
    PackageStatus.READY_FOR_CUSTOMER_PICKUP: "package.status.ready_for_customer_pickup",
    PackageStatus.DELIVERED: "package.status.delivered",
    PackageStatus.CANCELLED: "package.status.cancelled",
    PackageStatus.OUT_OF_STOCK: "package.status.out_of_stock",
    PackageStatus.PACKED_FOR_REFUND: "package.status.packed_for_refund",
}

ALL = (CREATED, TRANSITIONED, REFUSED, AWB_NUMBER, *OF_STATE.values())


def on_creation(state: int) -> tuple[str, ...]:
    """Types raised, in sequence, by a package born in `state`."""
    if state == PackageStatus.OUT_OF_STOCK:
        return (CREATED, OF_STATE[state])
    return (CREATED,)


def on_change(to_state: int, *, besides: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Types raised, in sequence, by a move to `to_state`; `besides` are those the command adds."""
    specific = OF_STATE.get(to_state)
    return (*((specific,) if specific else ()), TRANSITIONED, *besides)

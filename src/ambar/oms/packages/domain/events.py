"""Which events a package raises.

Akinon OMS: Webhooks; `docs/decisions/` (events): the specific event of a state when there is one, and
`package.status.transitioned` always; a package born out of stock raises `package.created` and
`package.status.out_of_stock`.
"""

from __future__ import annotations

from collections.abc import Sequence

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

HEARD = frozenset({CREATED, *OF_STATE.values()})
"""What a marketplace listens to: the nine package hooks of Akinon's "Integrating OMS with Seller Center"."""

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


def heard(types: Sequence[str]) -> int:
    """The place, from 1, of the last of these types that a marketplace listens to; 0 when it hears of none."""
    return max((place for place, name in enumerate(types, start=1) if name in HEARD), default=0)

"""Which units of an order can still be cancelled, and where they are taken from.

`docs/decisions/0033-cancellations.md`: not packed yet = taken off at once; packed = the location has to agree; shipped =
refused. A refund concerns goods that went out: it is fulfilled when they came back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ambar.oms.states.domain.codes import PackageStatus

NOTHING = Decimal(0)
AT_ONCE = (
    PackageStatus.OUT_OF_STOCK,
    PackageStatus.NEEDS_RESCHEDULING,
    PackageStatus.WAITING,
    PackageStatus.WAITING_REMOTE_ACTION,
    PackageStatus.WAITING_FOR_TRANSFER,
    PackageStatus.BLOCKED,
    PackageStatus.PREPARING,
    PackageStatus.READY_FOR_PACKAGING,
)
"""States of packages that are not packed, those first from which units are missed least."""
ASKED = (PackageStatus.PACKED, PackageStatus.CANCELLATION_WAITING)
"""States in which the location is asked."""
CAME_BACK = (PackageStatus.RETURNED, PackageStatus.PACKED_FOR_REFUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Units of an order item in a package (`package_item` None: in none yet) that no other request has claimed."""

    order_item: int
    package_item: int | None
    package: int | None
    state: int | None
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: `quantity` units of an order item. `settled_upstream`: upstream has decided already."""

    request: int
    order_item: int
    quantity: Decimal
    refund: bool = False
    settled_upstream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Units of a request in one place. `how`: off (taken off at once), ask (the location), back (came back)."""

    request: int
    place: Place
    quantity: Decimal
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is done about requests that are decided together: all of them or none.

    `refusal` says why nothing is done; `not_yet`: goods are on their way, so it is asked again later.
    """

    found: tuple[Found, ...] = ()
    refusal: str = ""
    not_yet: bool = False


def decided(asked: Sequence[Asked], places: Iterable[Place]) -> tuple[Outcome, list[Place]]:
    """The outcome for requests that belong together, and the places with what is left in them."""
    left = list(places)
    found: list[Found] = []
    for request in asked:
        wanted = request.quantity
        for how, states in _ways(request):
            for state in states:
                wanted = _take(request, wanted, how, state, left, found)
        if wanted > 0 and not (request.refund and request.settled_upstream):
            if request.refund:
                return Outcome(not_yet=True), list(places)
            return Outcome(refusal=_said(request, wanted, left)), list(places)
    return Outcome(found=tuple(found)), [place for place in left if place.quantity > 0]


def _ways(request: Asked) -> list[tuple[str, Sequence[int | None]]]:
    before: list[tuple[str, Sequence[int | None]]] = [("off", (None, *AT_ONCE)), ("ask", ASKED)]
    return [("back", CAME_BACK), *before] if request.refund else before


def _take(
    request: Asked, wanted: Decimal, how: str, state: int | None, left: list[Place], found: list[Found]
) -> Decimal:
    for n, place in enumerate(left):
        if place.order_item == request.order_item and place.state == state and wanted > 0:
            quantity = min(wanted, place.quantity)
            if quantity > 0:
                found.append(Found(request=request.request, place=place, quantity=quantity, how=how))
                left[n] = replace(place, quantity=place.quantity - quantity)
                wanted -= quantity
    return wanted


def _said(request: Asked, wanted: Decimal, left: Iterable[Place]) -> str:
    states = sorted(
        {
            PackageStatus(place.state).name.lower().replace("_", " ")
            for place in left
            if place.order_item == request.order_item and place.quantity > 0 and place.state is not None
        }
    )
    where = f" ({', '.join(states)})" if states else ""
    units = f"{wanted.normalize():f}"
    return f"{units} of the units can't be cancelled any more{where}."

"""What a carrier tells about a parcel, and what of it changes anything: the story only goes forward.

Statuses: Akinon, "Shipment Flows" (CREATED, DELETED, SHIPPING, ATTEMPTED_DELIVERY, DELIVERED, DELIVERY_FAILED,
READY_FOR_PICKUP); RETURNED is ours (`docs/decisions/0035-carriers.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ambar.oms.states.domain.codes import PackageStatus, ShipmentStatus

RANK: dict[str, int] = {
    ShipmentStatus.CREATED: 0,
    ShipmentStatus.SHIPPING: 1,
    ShipmentStatus.ATTEMPTED_DELIVERY: 2,
    ShipmentStatus.DELIVERY_FAILED: 3,
    ShipmentStatus.DELIVERED: 4,
    ShipmentStatus.RETURNED: 4,
    ShipmentStatus.DELETED: 4,
}
"""A status is applied when its rank is higher than the present one's; the last three are final."""

FINAL = frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.DELETED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of a carrier's history; `at` is the carrier's time."""

    status: str
    at: datetime
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A new entry and whether it changed the parcel's state."""

    told: Told
    applied: bool


def judge(
    state: str, known: Iterable[tuple[str, datetime]], history: Iterable[Told]
) -> tuple[str, list[Judged]]:
    """The parcel's state after `history`, and its new entries in the carrier's order of time.

    Entries already `known`, by (status, time), are left out however often they are told. An entry that would lead
    back, or past a final state, is answered with `applied` false: logged, not acted on.
    """
    seen = set(known)
    judged = []
    for told in sorted(history, key=lambda one: (one.at, RANK.get(one.status, -1))):
        if (told.status, told.at) in seen:
            continue
        seen.add((told.status, told.at))
        applied = told.status in RANK and follows(state, told.status)
        judged.append(Judged(told=told, applied=applied))
        state = told.status if applied else state
    return state, judged


def follows(state: str, status: str) -> bool:
    """Whether a parcel in `state` may go on to `status`; a carrier deletes only what it has not received."""
    if state in FINAL or (status == ShipmentStatus.DELETED and state != ShipmentStatus.CREATED):
        return False
    return RANK[status] > RANK[state]


def package_target(parcels: Iterable[str]) -> int | None:
    """Where a package should stand whose parcels are in these states; None: nothing follows from them.

    Delivered, or Returned, when every parcel is; what went wrong with one parcel is what is shown of the package.
    """
    living = {state for state in parcels if state != ShipmentStatus.DELETED}
    if not living or living == {ShipmentStatus.CREATED}:
        return None
    if living == {ShipmentStatus.DELIVERED}:
        return PackageStatus.DELIVERED
    if living == {ShipmentStatus.RETURNED}:
        return PackageStatus.RETURNED
    if living & {ShipmentStatus.RETURNED, ShipmentStatus.DELIVERY_FAILED}:
        return PackageStatus.DELIVERY_FAILED
    if ShipmentStatus.ATTEMPTED_DELIVERY in living:
        return PackageStatus.ATTEMPTED_DELIVERY
    return PackageStatus.SHIPPED


_FAILED_FIRST = {PackageStatus.RETURNED: PackageStatus.DELIVERY_FAILED}
_AHEAD: Mapping[int, Sequence[int]] = {
    PackageStatus.SHIPPED: (
        PackageStatus.ATTEMPTED_DELIVERY,
        PackageStatus.DELIVERY_FAILED,
        PackageStatus.DELIVERED,
    ),
    PackageStatus.ATTEMPTED_DELIVERY: (PackageStatus.DELIVERY_FAILED, PackageStatus.DELIVERED),
    PackageStatus.DELIVERY_FAILED: (PackageStatus.DELIVERED, PackageStatus.RETURNED),
}


def next_step(state: int, target: int) -> int | None:
    """The next state of a package on its way from `state` to `target`; None: it is there, or no way leads there."""
    if state == target:
        return None
    if state == PackageStatus.PACKED:
        return PackageStatus.SHIPPED
    ahead = _AHEAD.get(state, ())
    if target in ahead:
        return target
    before = _FAILED_FIRST.get(PackageStatus(target))
    return before if before in ahead else None

"""Put packages back that this OMS has lost, as the Seller Center was told of them; nothing is planned, nobody is told.

Source: `docs/decisions/0044-field-authority.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ambar.oms.handover import restoring
from ambar.oms.handover.domain.restoring import (
    GIVEN_UP,
    OUT_OF_STOCK,
    CannotRestore,
    KnownOrder,
    Restored,
    read,
)
from ambar.oms.locations import store as locations
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders import store as orders
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.states.domain.codes import PackageStatus, counts_for_quota
from ambar.oms.stock import holdings
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import ReserveLine

HOLDER = "package_item"
REASON = "reconciliation"
STATES = frozenset(int(state) for state in PackageStatus)
TAKEN = (500, 600, 620, 640, 660, 700, 800)
"""States of packages whose goods have left the shelf."""
HOLDING = (100, 150, 200, 300, 400, 930)
"""States of packages whose goods lie reserved."""
PLANNED_AGAIN = timedelta(minutes=30)


def restore_packages(details: Sequence[Mapping[str, Any]], *, source: str, now: datetime) -> dict[str, str]:
    """Put back what of `details` is not here, in the caller's transaction; number → why it could not be.

    Ids are those they had, where free, so that what the ledger, the log and papers know of them fits again; each comes back in
    its parcel. Stock follows the
    ledger; where that knows nothing, it is reserved (or used up) if there is enough, and left alone if not.
    """
    here = restoring.present([str(one["number"]) for one in details])
    missing = [one for one in details if one["number"] not in here]
    if not missing:
        return {}
    known = restoring.lock_orders(
        source,
        [one["order"] for one in missing if one.get("order")],
        [one["order_number"] for one in missing if one.get("order_number")],
    )
    readable, refused = _read(missing, known)
    made = restoring.insert(readable, now=now) if readable else {}
    parcels = [(made[one.number][0], one.parcel) for one in readable if one.parcel is not None]
    if parcels:
        restoring.insert_parcels(parcels, now=now)
    _stock(readable, made, now)
    quota: dict[int, int] = {}
    for one in readable:
        if counts_for_quota(one.state, one.previous_state):
            quota[one.location_id] = quota.get(one.location_id, 0) + 1
    locations.move_quota(quota)
    return refused


def settle_planning(order_ids: Sequence[int], *, now: datetime) -> None:
    """Orders just taken anew whose packages were put back: planned when every unit stands in one, else a person decides."""
    open_lines = restoring.open_units(order_ids)
    waiting = set(_out_of_stock(order_ids))
    orders.mark_out_of_stock(
        [pk for pk in order_ids if pk in waiting and pk not in open_lines],
        due_at=now + PLANNED_AGAIN,
        now=now,
    )
    orders.mark_planned([pk for pk in order_ids if pk not in waiting and pk not in open_lines], now)
    orders.mark_hold(
        {
            pk: f"Restored from the Seller Center; lines with units in no package: {count}"
            for pk, count in open_lines.items()
        },
        now,
    )


def remember_states(
    details: Sequence[Mapping[str, Any]], ids: Mapping[str, int], *, now: datetime
) -> dict[str, str]:
    """Bring packages to the later state the Seller Center was told, in the caller's transaction; number → why not."""
    locked = packages.lock([ids[str(one["number"])] for one in details])
    refused: dict[str, str] = {}
    moves: dict[int, tuple[int, int]] = {}
    for one in details:
        package = locked.get(ids[str(one["number"])])
        if package is None or one["state"] not in STATES:
            refused[str(one["number"])] = f"Its state {one['state']} is unknown here."
            continue
        moves[package.id] = (one["state"], one["sequence"])
    _stock_of_moves({pk: locked[pk] for pk in moves}, moves, now)
    quota: dict[int, int] = {}
    for pk, (state, _) in moves.items():
        package = locked[pk]
        before = counts_for_quota(package.state, package.previous_state)
        delta = counts_for_quota(state, package.state) - before
        quota[package.location_id] = quota.get(package.location_id, 0) + delta
    restoring.move_on(moves, now=now)
    locations.move_quota({location_id: delta for location_id, delta in quota.items() if delta})
    return refused


def _read(
    details: Sequence[Mapping[str, Any]], known: Mapping[int | str, KnownOrder]
) -> tuple[list[Restored], dict[str, str]]:
    events = [one.get("event") or {} for one in details]
    told = [event.get("stock_location") for event in events]
    places = restoring.locations(
        [str(one.get("location_name") or "") for one in details],
        [place["id"] for place in told if isinstance(place, Mapping) and isinstance(place.get("id"), int)],
    )
    products = restoring.products(str(line["sku"]) for one in details for line in one["items"])
    left = dict(known)
    readable, refused = [], {}
    for one in details:
        order = left.get(one.get("order") or 0) or left.get(str(one.get("order_number") or ""))
        try:
            found = read(one, order, places, products, STATES)
        except CannotRestore as problem:
            refused[str(one["number"])] = str(problem)
            continue
        readable.append(found)
        left.update({key: found.order_left() for key, value in left.items() if value.id == found.order.id})
    return readable, refused


def _out_of_stock(order_ids: Sequence[int]) -> list[int]:
    from ambar.oms.packages.models import Package

    rows = Package.objects.filter(order_id__in=order_ids, state=OUT_OF_STOCK)
    return list(rows.values_list("order_id", flat=True).distinct())


def _stock(readable: Sequence[Restored], made: Mapping[str, tuple[int, list[int]]], now: datetime) -> None:
    lines: list[tuple[Restored, ReserveLine]] = [
        (one, ReserveLine(location_id=one.location_id, product_id=item.product_id, quantity=item.quantity,
                          holder_kind=HOLDER, holder_id=item_id))
        for one in readable
        for item, item_id in zip(one.items, made[one.number][1], strict=True)
    ]  # fmt: skip
    known = restoring.held_before([line.holder_id for _, line in lines])
    used = [pk for pk, (reserved, gone) in known.items() if gone and not reserved]
    outside = set(
        StockLocation.objects.filter(
            pk__in={one.location_id for one in readable}, engine_id__isnull=False
        ).values_list("pk", flat=True)
    )
    groups: dict[str, list[ReserveLine]] = {}
    for one, line in lines:
        if (
            line.holder_id not in known
            and line.location_id not in outside
            and one.state in (*HOLDING, *TAKEN)
        ):
            groups.setdefault(one.number, []).append(line)
    refused = stock.reserve_by_group(groups, reason=REASON, cause=None, now=now) if groups else {}
    states = {one.number: one.state for one in readable}
    gone = [
        line
        for number, rows in groups.items()
        if number not in refused and states[number] in TAKEN
        for line in rows
    ]
    holdings.use_up(gone, reason=REASON, cause=None, now=now)
    taken = [line.holder_id for one, line in lines if one.state in TAKEN]
    packages.mark_stock_taken(sorted({*used, *taken}), now=now)


def _stock_of_moves(
    locked: Mapping[int, LockedPackage], moves: Mapping[int, tuple[int, int]], now: datetime
) -> None:
    """What a later state means for the stock: packed goods have left the shelf, given up ones are free again."""
    waiting = {
        item.id: moves[package.id][0]
        for package in locked.values()
        for item in package.items
        if not item.stock_taken
    }
    held = holdings.read(HOLDER, sorted(waiting))
    gone = [line for line in held if waiting[line.holder_id] in TAKEN]
    free = [line for line in held if waiting[line.holder_id] in GIVEN_UP]
    stock.lock_balances((line.location_id, line.product_id) for line in (*gone, *free))
    holdings.use_up(gone, reason=REASON, cause=None, now=now)
    holdings.give_back(free, reason=REASON, cause=None, now=now)
    packages.mark_stock_taken([pk for pk, state in waiting.items() if state in TAKEN], now=now)

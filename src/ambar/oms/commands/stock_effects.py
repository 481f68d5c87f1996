"""How stock leaves the books when a package is prepared or packed.

`docs/decisions/` (stock effects): with the internal engine Deallocate and Pack consume, whichever comes first, never
both; with an outside engine they release. Without a reservation or a consumption at the package's location nothing is
packed: stock is moved there by Manual Planning or a transfer first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import NoReservationHere
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedItem, LockedPackage
from ambar.oms.stock import holdings
from ambar.oms.stock.domain.reservations import ReserveLine

HOLDER = "package_item"
MOVING_COMMAND = "MANUAL_PLANNING"


def take_stock(batch: Batch, *, reason: str) -> None:
    """Consume (or release) what the items of the standing packages hold; refuse packages that hold too little here."""
    waiting = {package.id: [i for i in package.items if not i.stock_taken] for package in batch.standing}
    held: dict[int, list[ReserveLine]] = {}
    for line in holdings.read(HOLDER, [item.id for items in waiting.values() for item in items]):
        held.setdefault(line.holder_id, []).append(line)
    inside: list[ReserveLine] = []
    outside: list[ReserveLine] = []
    for package in batch.standing:
        lines = {item.id: _cut(package, item, held.get(item.id, ())) for item in waiting[package.id]}
        short = [item_id for item_id, line in lines.items() if line is None]
        if short:
            batch.refuse(package.id, _refusal(package, short, held))
        else:
            target = outside if package.has_outside_engine else inside
            target.extend(line for line in lines.values() if line is not None)
    holdings.use_up(inside, reason=reason, cause=batch.cause, now=batch.now)
    holdings.give_back(outside, reason=reason, cause=batch.cause, now=batch.now)
    packages.mark_stock_taken([line.holder_id for line in (*inside, *outside)], now=batch.now)


def _cut(package: LockedPackage, item: LockedItem, held: Sequence[ReserveLine]) -> ReserveLine | None:
    """The item's reservation at its package's location, cut to its quantity; None when it holds less there."""
    for line in held:
        if line.location_id == package.location_id and line.product_id == item.product_id:
            return replace(line, quantity=item.quantity) if line.quantity >= item.quantity else None
    return None


def _refusal(
    package: LockedPackage, short: Sequence[int], held: dict[int, list[ReserveLine]]
) -> NoReservationHere:
    elsewhere = {line.location_id for item in short for line in held.get(item, ())} - {package.location_id}
    return NoReservationHere(
        f"{package.number}: items {', '.join(map(str, short))} have no reservation at this package's location. "
        f"Move them there with {MOVING_COMMAND} or by a transfer.",
        package_items=list(short),
        reserved_at=sorted(elsewhere),
        moving_command=MOVING_COMMAND,
    )

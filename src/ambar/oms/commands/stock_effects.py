"""How stock leaves the books when a package is prepared or packed.

`docs/decisions/` (stock effects): with the internal engine Deallocate and Pack consume, whichever comes first, never
both; with an outside engine they release. Without a reservation or a consumption at the package's location nothing is
packed: stock is moved there by Manual Planning or a transfer first.
"""

from __future__ import annotations

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import NoReservationHere
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.stock import holdings
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import Held

HOLDER = "package_item"
MOVING_COMMAND = "MANUAL_PLANNING"


def take_stock(batch: Batch, *, reason: str) -> None:
    """Consume (or release) what the items of the standing packages hold; refuse packages that hold too little here."""
    waiting = {package.id: [i for i in package.items if not i.stock_taken] for package in batch.standing}
    held = holdings.at_locations(HOLDER, [item.id for items in waiting.values() for item in items])
    for package in batch.standing:
        short = [
            item.id
            for item in waiting[package.id]
            if held.get(item.id, {}).get(package.location_id, 0) < item.quantity
        ]
        if short:
            batch.refuse(package.id, _refusal(package, short, held))
    standing = batch.standing
    _leave([p for p in standing if not p.has_outside_engine], waiting, batch, stock.consume, reason)
    _leave([p for p in standing if p.has_outside_engine], waiting, batch, stock.release, reason)


def _leave(packages_of_kind, waiting, batch, act, reason) -> None:  # type: ignore[no-untyped-def]
    items = [item for package in packages_of_kind for item in waiting[package.id]]
    if not items:
        return
    act(
        [Held(holder_kind=HOLDER, holder_id=item.id, quantity=item.quantity) for item in items],
        reason=reason,
        cause=batch.cause,
        now=batch.now,
    )
    packages.mark_stock_taken([item.id for item in items], now=batch.now)


def _refusal(
    package: LockedPackage, short: list[int], held: dict[int, dict[int, object]]
) -> NoReservationHere:
    elsewhere = sorted(
        {location for item in short for location in held.get(item, {})} - {package.location_id}
    )
    return NoReservationHere(
        f"{package.number}: items {', '.join(map(str, short))} have no reservation at this package's location. "
        f"Move them there with {MOVING_COMMAND} or by a transfer.",
        package_items=short,
        reserved_at=elsewhere,
        moving_command=MOVING_COMMAND,
    )

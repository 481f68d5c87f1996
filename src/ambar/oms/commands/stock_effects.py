"""How stock leaves the books when a package is prepared or packed, and comes back when the package is given up.

`docs/decisions/` (stock effects): with the internal engine Deallocate and Pack consume, whichever comes first, never
both; with an outside engine they release. Without a reservation or a consumption at the package's location nothing is
packed: stock is moved there by Manual Planning or a transfer first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import NoReservationHere
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedItem, LockedPackage
from ambar.oms.stock import holdings, succession
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import Key, MoveLine, ReserveLine
from ambar.oms.transfers import store as transfers

HOLDER = "package_item"
TRANSFER_HOLDER = "transfer_item"
MOVING_COMMAND = "MANUAL_PLANNING"

Shares = Mapping[int, Sequence[tuple[int, Decimal]]]
"""`{old item: [(new item, units)]}`: who takes over what an item held."""


def take_stock(batch: Batch, *, reason: str) -> None:
    """Consume (or release) what the items of the standing packages hold; refuse packages that hold too little here.

    The items are marked by the move that follows (`batch.move`).
    """
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
    batch.stock_taken.extend(line.holder_id for line in (*inside, *outside))


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


def give_stock_back(
    batch: Batch, given_up: Sequence[LockedPackage], *, reason: str, missing: Collection[int] = ()
) -> None:
    """Free everything the packages hold: reservations, what Deallocate consumed, transfers that have not left yet.

    What was consumed is put back on hand once; at a location with an outside engine nothing was consumed and nothing
    comes back. A transfer under way goes on. `missing`: items whose goods are not there; their reservation is consumed
    (what was consumed stays so), so that the figure of that location says what its shelf holds.
    """
    cancelled = transfers.cancel_of_packages(
        [package.id for package in given_up],
        command_code=batch.transition.command_code,
        slug=batch.transition.slug,
        user_id=batch.user_id,
        now=batch.now,
    )
    held = [
        *holdings.read(HOLDER, [item.id for package in given_up for item in package.items]),
        *holdings.read(TRANSFER_HOLDER, cancelled),
    ]
    lost = _lost(given_up, held, missing)
    back = [line for line in held if line not in lost]
    taken = [line for line in consumed(given_up) if line.holder_id not in missing]
    stock.lock_balances((line.location_id, line.product_id) for line in (*held, *taken))
    holdings.give_back(back, reason=reason, cause=batch.cause, now=batch.now)
    holdings.use_up(lost, reason=reason, cause=batch.cause, now=batch.now)
    holdings.restore(taken, reason=reason, cause=batch.cause, now=batch.now)
    packages.unmark_stock_taken([line.holder_id for line in taken])


def _lost(
    given_up: Iterable[LockedPackage], held: Iterable[ReserveLine], missing: Collection[int]
) -> list[ReserveLine]:
    here = {
        item.id: package.location_id
        for package in given_up
        if not package.has_outside_engine
        for item in package.items
        if item.id in missing
    }
    return [
        line for line in held if line.holder_kind == HOLDER and here.get(line.holder_id) == line.location_id
    ]


def consumed(given_up: Iterable[LockedPackage]) -> list[ReserveLine]:
    """What Deallocate took off the books for the packages' items, where the books are kept here."""
    return [
        ReserveLine(
            location_id=package.location_id,
            product_id=item.product_id,
            quantity=item.quantity,
            holder_kind=HOLDER,
            holder_id=item.id,
        )
        for package in given_up
        if not package.has_outside_engine
        for item in package.items
        if item.stock_taken
    ]


def held_keys(given_up: Sequence[LockedPackage]) -> set[Key]:
    """The balances that giving these packages up touches, apart from their transfers' sources."""
    lines = holdings.read(HOLDER, [item.id for package in given_up for item in package.items])
    return {(line.location_id, line.product_id) for line in (*lines, *consumed(given_up))}


def carry_over(batch: Batch, packages_left: Iterable[LockedPackage], heirs: Shares) -> None:
    """Let new items hold what old ones held: reservations move, consumed stock stays consumed.

    The caller has locked the balances.
    """
    left = list(packages_left)
    held = holdings.read(HOLDER, heirs)
    taken = [line for line in consumed(left) if line.holder_id in heirs]
    holdings.move_reservation(_to_heirs(held, heirs), reason="kept", cause=batch.cause, now=batch.now)
    succession.pass_on_consumed(_to_heirs(taken, heirs), reason="kept", cause=batch.cause, now=batch.now)
    marked = [i.id for package in left for i in package.items if i.stock_taken and i.id in heirs]
    packages.mark_stock_taken([heir for item_id in marked for heir, _ in heirs[item_id]], now=batch.now)
    packages.unmark_stock_taken(marked)


def _to_heirs(lines: Iterable[ReserveLine], heirs: Shares) -> list[MoveLine]:
    return [
        MoveLine(
            from_kind=HOLDER,
            from_id=line.holder_id,
            to_kind=HOLDER,
            to_id=heir,
            product_id=line.product_id,
            quantity=units,
            from_location=line.location_id,
            to_location=line.location_id,
        )
        for line in lines
        for heir, units in _shared(line, heirs[line.holder_id])
    ]


def _shared(line: ReserveLine, shares: Sequence[tuple[int, Decimal]]) -> Iterator[tuple[int, Decimal]]:
    """What each heir gets of a line, the first ones first where it holds less than they need together."""
    left = line.quantity
    for heir, units in shares:
        part = min(left, units)
        left -= part
        if part > 0:
            yield heir, part

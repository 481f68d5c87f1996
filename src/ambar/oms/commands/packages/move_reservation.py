"""Move Reservation: a package gives its stock to one at the same location that has none.

Source: the Seller Center's help ("move the reservation to another package"); `docs/decisions/0040-move-reservation.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.db import transaction

from ambar.kit import outbox, rest
from ambar.kit.refusals import Invalid, Refusal
from ambar.oms.commands import shortage
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import PackageBusy
from ambar.oms.commands.packages.block import BLOCKABLE
from ambar.oms.commands.packages.product_not_found import plan_again
from ambar.oms.commands.registry import Command
from ambar.oms.commands.stock_effects import HOLDER, give_stock_back, held_keys
from ambar.oms.commands.units import NOTHING, Id
from ambar.oms.locations import store as locations
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage, StateChange
from ambar.oms.packages.models import Package
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.stock import holdings
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import NotEnoughStock, ReserveLine

REASON = "reservation moved"


class MoveReservationParameters(rest.Body):
    """`to_package`: id of the package that gets the stock; it is Out of Stock, at the same location."""

    to_package: Id


def run(batch: Batch) -> None:
    """The other package is whole and Waiting afterwards, this one is planned again; one that would not be whole is refused."""
    wishes = {package.id: _wish(batch, package) for package in batch.standing}
    named = sorted(set(wishes.values()))
    others = packages.lock_free(named, location_ids=batch.location_ids)
    for package in batch.standing:
        refusal = _refusal(package, wishes[package.id], others)
        if refusal is not None:
            batch.refuse(package.id, refusal)
    wanted = _lacking(others.values())
    stock.lock_balances(
        held_keys(batch.standing)
        | {(line.location_id, line.product_id) for lines in wanted.values() for line in lines}
    )
    served: dict[int, int] = {}
    for package in batch.standing:
        other = others[wishes[package.id]]
        if other.id in served.values():
            said = f"Package {other.number} gets the stock of another package in this call."
            batch.refuse(package.id, Invalid(fields={"to_package": [said]}))
            continue
        try:
            with transaction.atomic(), outbox.together():
                give_stock_back(batch, [package], reason=REASON)
                stock.reserve(wanted[other.id], reason=REASON, cause=batch.cause, now=batch.now)
        except NotEnoughStock as missing:
            batch.refuse(package.id, shortage.told(missing))
        else:
            served[package.id] = other.id
    _finish(batch, served, others)


def _wish(batch: Batch, package: LockedPackage) -> int:
    return cast(MoveReservationParameters, batch.parameters[package.id]).to_package


def _refusal(package: LockedPackage, wished: int, others: Mapping[int, LockedPackage]) -> Refusal | None:
    """What keeps the package from giving its stock to the one wished; a package elsewhere is answered like none."""
    other = others.get(wished)
    if other is None and Package.objects.filter(pk=wished, location_id=package.location_id).exists():
        return PackageBusy(f"Package {wished} is being worked on now; try again.", package=wished)
    if other is None or other.location_id != package.location_id:
        return _wrong(f"Location of package {package.number} has no package {wished}.")
    if other.state != PackageStatus.OUT_OF_STOCK:
        return _wrong(f"Package {other.number} is not out of stock.")
    return None


def _wrong(said: str) -> Invalid:
    return Invalid(fields={"to_package": [said]})


def _lacking(others: Iterable[LockedPackage]) -> dict[int, list[ReserveLine]]:
    """What each package needs at its location beyond what it holds there."""
    packages_named = list(others)
    held = {
        (line.holder_id, line.location_id): line.quantity
        for line in holdings.read(HOLDER, [item.id for other in packages_named for item in other.items])
    }
    return {
        other.id: [
            ReserveLine(
                location_id=other.location_id,
                product_id=item.product_id,
                quantity=short,
                holder_kind=HOLDER,
                holder_id=item.id,
            )
            for item in other.items
            if (short := item.quantity - held.get((item.id, other.location_id), NOTHING)) > 0
        ]
        for other in packages_named
    }


def _finish(batch: Batch, served: Mapping[int, int], others: Mapping[int, LockedPackage]) -> None:
    """The givers wait for the planner, the receivers for the floor; the quota rows are locked in one pass."""
    locations.lock_quota({package.location_id for package in batch.standing})

    def told(package: LockedPackage) -> Mapping[str, Any]:
        return {"reservation_moved_to": others[served[package.id]].number}

    batch.move(attributes=told)
    givers = {package.id: package.number for package in batch.standing}
    packages.change_states(
        [
            StateChange(
                package_id=other,
                from_state=PackageStatus.OUT_OF_STOCK,
                to_state=PackageStatus.WAITING,
                command_code=batch.transition.command_code,
                slug=batch.transition.slug,
                user_id=batch.user_id,
                attributes={"reservation_moved_from": givers[giver]},
                sync=False,
            )
            for giver, other in served.items()
        ],
        now=batch.now,
    )
    plan_again(batch)


COMMAND = Command(
    code="MOVE_RESERVATION",
    kind="package",
    title="Move Reservation",
    pairs=pairs(BLOCKABLE, [PackageStatus.NEEDS_RESCHEDULING]),
    parameters=MoveReservationParameters,
    run=run,
)

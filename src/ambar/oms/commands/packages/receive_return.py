"""Receive Return: goods that the carrier brought back are put away or written off.

Our own command (`docs/decisions/0038-pickup-returns-refunds.md`): no public page tells what becomes of a returned parcel.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from ambar.kit import rest
from ambar.kit.money import quantity
from ambar.kit.refusals import Invalid
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.commands.stock_effects import HOLDER
from ambar.oms.commands.units import Units, chosen
from ambar.oms.packages import returned
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import same_state_pairs
from ambar.oms.stock import holdings
from ambar.oms.stock.domain.reservations import ReserveLine


class ReturnParameters(rest.Body):
    """`package_items`: ids (all that is still awaited of the item) or `{"package_item", "quantity"}`; `outcome`:
    `put_away` (on the shelf again, for sale) or `written_off`; `note`: what the floor adds."""

    package_items: Units
    outcome: Literal["put_away", "written_off"] = "put_away"
    note: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""


def run(batch: Batch) -> None:
    """Each unit once: what is put away lies on hand at the package's location again, what is written off stays gone."""
    awaited = returned.awaited([item.id for package in batch.standing for item in package.items])
    units: dict[int, dict[int, Decimal]] = {}
    for package in batch.standing:
        wish = cast(ReturnParameters, batch.parameters[package.id])
        found, problems = chosen(
            package,
            wish.package_items,
            awaited,
            none="Item {item} has been received already.",
            few="Only {left} of item {item} are still awaited.",
        )
        if problems:
            batch.refuse(package.id, Invalid(fields={"package_items": problems}))
        else:
            units[package.id] = found
    put_away: dict[int, Decimal] = {}
    lost: dict[int, Decimal] = {}
    for package in batch.standing:
        (put_away if _put_away(batch, package) else lost).update(units[package.id])
    holdings.restore(
        [
            ReserveLine(
                location_id=package.location_id,
                product_id=item.product_id,
                quantity=put_away[item.id],
                holder_kind=HOLDER,
                holder_id=item.id,
            )
            for package in batch.standing
            if not package.has_outside_engine
            for item in package.items
            if item.id in put_away
        ],
        reason="returned",
        cause=batch.cause,
        now=batch.now,
    )
    returned.receive(put_away=put_away, written_off=lost, now=batch.now)
    batch.note(attributes=lambda package: _told(batch, package, units[package.id]))


def _put_away(batch: Batch, package: LockedPackage) -> bool:
    return cast(ReturnParameters, batch.parameters[package.id]).outcome == "put_away"


def _told(batch: Batch, package: LockedPackage, units: Mapping[int, Decimal]) -> dict[str, Any]:
    wish = cast(ReturnParameters, batch.parameters[package.id])
    rows = [{"package_item": item, "quantity": quantity(count)} for item, count in units.items()]
    return {"received": rows, "outcome": wish.outcome, **({"note": wish.note} if wish.note else {})}


COMMAND = Command(
    code="RECEIVE_RETURN",
    kind="package",
    title="Receive Return",
    pairs=same_state_pairs([PackageStatus.RETURNED]),
    parameters=ReturnParameters,
    run=run,
)

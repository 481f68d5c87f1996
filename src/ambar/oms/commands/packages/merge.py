"""Merge: packages of one order at one location become one; `docs/decisions/0037-split-and-merge.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import Field

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands import succeeding
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.packages.block import BLOCKABLE
from ambar.oms.commands.registry import Command
from ambar.oms.commands.succeeding import Successor
from ambar.oms.commands.units import Id
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage, StateChange
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class MergeParameters(rest.Body):
    """`packages`: ids of the packages that go together with this one: same order, location and state."""

    packages: Annotated[list[Id], Field(min_length=1, max_length=100)]


def run(batch: Batch) -> None:
    """One package takes the place of all of them, in their state; what they held is its own."""
    others = _others(batch)
    merged = batch.standing
    groups = [(package, *(others[i] for i in _named(batch, package))) for package in merged]
    made = succeeding.succeed(
        batch,
        [package for group in groups for package in group],
        [
            Successor(of=group, units={item.id: item.quantity for one in group for item in one.items})
            for group in groups
        ],
    )
    numbers = {one.id: made[place].number for place, group in enumerate(groups) for one in group}
    packages.change_states(
        [
            StateChange(
                package_id=one.id,
                from_state=one.state,
                to_state=PackageStatus.CANCELLED,
                command_code=batch.transition.command_code,
                slug=batch.transition.slug,
                transition_id=batch.transition.id,
                user_id=batch.user_id,
                attributes={"merged_into": numbers[one.id]},
                sync=False,
            )
            for group in groups
            for one in group[1:]
        ],
        now=batch.now,
    )

    def told(package: LockedPackage) -> Mapping[str, Any]:
        return {"merged_into": numbers[package.id]}

    batch.move(attributes=told, sync=False)


def _named(batch: Batch, package: LockedPackage) -> Sequence[int]:
    return cast(MergeParameters, batch.parameters[package.id]).packages


def _others(batch: Batch) -> dict[int, LockedPackage]:
    """The packages named, locked (their orders are locked already, so nobody waits for us in turn); bad wishes are refused."""
    named = [other for package in batch.standing for other in _named(batch, package)]
    own = {package.id for package in batch.standing}
    found = packages.lock(sorted(set(named) - own), location_ids=batch.location_ids)
    for package in batch.standing:
        problems = [
            problem
            for other in _named(batch, package)
            if (problem := _problem(package, other, found, again=named.count(other) > 1))
        ]
        if problems:
            batch.refuse(package.id, Invalid(fields={"packages": list(dict.fromkeys(problems))}))
    return found


def _problem(
    package: LockedPackage, other: int, found: Mapping[int, LockedPackage], *, again: bool
) -> str | None:
    one = found.get(other)
    if again:
        return f"Package {other} is named twice."
    if other == package.id:
        return "A package can't be merged with itself."
    if one is None or one.order_id != package.order_id:
        return f"{other} is no other package of this order."
    if one.location_id != package.location_id:
        return f"Package {one.number} lies at another location."
    if one.state != package.state:
        return f"Package {one.number} is in another state."
    products = {item.order_item_id: item.product_id for item in package.items}
    if any(products.get(item.order_item_id, item.product_id) != item.product_id for item in one.items):
        return f"One item was replaced by another product in one package and not in {one.number}: pack them apart."
    taken = {item.order_item_id: item.stock_taken for item in package.items}
    if any(taken.get(item.order_item_id, item.stock_taken) != item.stock_taken for item in one.items):
        return f"Of one item the stock has left the books in one package and not in {one.number}: pack them apart."
    return None


COMMAND = Command(
    code="MERGE_PACKAGES",
    kind="package",
    title="Merge",
    pairs=pairs([*BLOCKABLE, PackageStatus.OUT_OF_STOCK], [PackageStatus.CANCELLED]),
    parameters=MergeParameters,
    run=run,
)

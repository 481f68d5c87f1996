"""Split: some of a package's goods go into a package of their own.

Source: "Seller Center": a new package from chosen items; `docs/decisions/0037-split-and-merge.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands import succeeding
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.packages.block import BLOCKABLE
from ambar.oms.commands.registry import Command
from ambar.oms.commands.succeeding import Successor
from ambar.oms.commands.units import NOTHING, Units, chosen
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs


class SplitParameters(rest.Body):
    """`package_items`: what goes into a package of its own: ids (the whole item) or `{"package_item", "quantity"}`."""

    package_items: Units


def run(batch: Batch) -> None:
    """Two packages take the place of each, at the same location and in the same state; what it held is theirs."""
    apart: dict[int, dict[int, Decimal]] = {}
    for package in batch.standing:
        wish = cast(SplitParameters, batch.parameters[package.id])
        there = {item.id: item.quantity for item in package.items}
        units, problems = chosen(
            package,
            wish.package_items,
            there,
            none="Item {item} has nothing left.",
            few="Item {item} has only {left}.",
        )
        if not problems and units == there:
            problems = [f"That is all of package {package.number}: nothing would stay."]
        if problems:
            batch.refuse(package.id, Invalid(fields={"package_items": problems}))
        apart[package.id] = units
    split = batch.standing
    wanted = [successor for package in split for successor in _halves(package, apart[package.id])]
    made = succeeding.succeed(batch, split, wanted)
    numbers = {
        package.id: [made[2 * place].number, made[2 * place + 1].number]
        for place, package in enumerate(split)
    }

    def told(package: LockedPackage) -> Mapping[str, Any]:
        return {"split_into": numbers[package.id]}

    batch.move(attributes=told, sync=False)


def _halves(package: LockedPackage, units: Mapping[int, Decimal]) -> tuple[Successor, Successor]:
    """What stays together, and what goes apart."""
    stays = {item.id: item.quantity - units.get(item.id, NOTHING) for item in package.items}
    return (
        Successor(of=(package,), units={item: count for item, count in stays.items() if count > 0}),
        Successor(of=(package,), units=dict(units)),
    )


COMMAND = Command(
    code="SPLIT_PACKAGE",
    kind="package",
    title="Split",
    pairs=pairs([*BLOCKABLE, PackageStatus.OUT_OF_STOCK], [PackageStatus.CANCELLED]),
    parameters=SplitParameters,
    run=run,
)

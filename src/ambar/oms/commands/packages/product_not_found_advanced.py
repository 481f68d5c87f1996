"""Akinon OMS: Product Not Found and Wrong Product (Advanced)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ambar.oms.commands.batch import Batch
from ambar.oms.commands.packages.product_not_found import (
    SOURCES,
    WAITS_FOR_PLANNER,
    NotFoundParameters,
    detect,
    found_missing,
    plan_again,
)
from ambar.oms.commands.registry import Command
from ambar.oms.commands.stock_effects import carry_over, give_stock_back, held_keys
from ambar.oms.locations import store as locations
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import CreatedPackage, LockedItem, LockedPackage, NewPackage
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.stock import store as stock


def run(batch: Batch) -> None:
    """The missing items are planned again elsewhere; the rest stays here in a new package, its stock untouched."""
    missing = detect(batch)
    split = part(batch, batch.standing, missing, goes_to=int(batch.transition.destination))

    def told(package: LockedPackage) -> Mapping[str, Any]:
        rest = {"kept_in": split.kept[package.id].id} if package.id in split.kept else {}
        return {**found_missing(batch, package), **rest}

    batch.move(attributes=told)
    locations.move_quota(split.more)
    plan_again(batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """`kept`: the package of what is there, by the id of the one it comes from (which shall end Cancelled); `heirs`: its
    items by those they come from; `more`: quota that the kept ones take, to be moved after the old ones' was given back."""

    kept: Mapping[int, CreatedPackage]
    heirs: Mapping[int, int]
    more: Mapping[int, int]


def part(batch: Batch, wanting: Sequence[LockedPackage], missing: set[int], *, goes_to: int) -> Parted:
    """Part what is missing of the packages, to a package in state `goes_to`, from what is there.

    A package of which everything is missing is not parted: it moves whole. The quota rows are locked afterwards.
    """
    stock.lock_balances(held_keys(wanting))
    split = [package for package in wanting if any(item.id not in missing for item in package.items)]
    kept, heirs = _keep_the_rest(batch, split, missing)
    gone = [_only(package, missing) for package in wanting]
    give_stock_back(batch, gone, reason="product not found", missing=missing)
    _make_missing(batch, split, missing, goes_to=goes_to)
    more = Counter(
        package.location_id for package in split if package.state < PackageStatus.READY_FOR_PACKAGING
    )
    locations.lock_quota({package.location_id for package in batch.standing})
    for package in split:
        batch.ended[package.id] = PackageStatus.CANCELLED
        batch.quiet.add(package.id)
    return Parted(kept=kept, heirs=heirs, more=more)


def _only(package: LockedPackage, wanted: set[int]) -> LockedPackage:
    return replace(package, items=tuple(item for item in package.items if item.id in wanted))


def _lines(items: list[LockedItem]) -> tuple[tuple[int, int, Decimal], ...]:
    return tuple((item.order_item_id, item.product_id, item.quantity) for item in items)


def _keep_the_rest(
    batch: Batch, split: list[LockedPackage], missing: set[int]
) -> tuple[dict[int, CreatedPackage], dict[int, int]]:
    """New packages of what is there, same place and state, holding what the old items held; by old id, and the items."""
    rest = {package.id: [item for item in package.items if item.id not in missing] for package in split}
    made = packages.create(
        [
            NewPackage(
                order_id=package.order_id,
                location_id=package.location_id,
                state=package.state,
                items=_lines(rest[package.id]),
                lineage=(package.id,),
            )
            for package in split
        ],
        now=batch.now,
    )
    heirs = {
        item.id: [(heir, item.quantity)]
        for package, created in zip(split, made, strict=True)
        for item, heir in zip(rest[package.id], created.item_ids, strict=True)
    }
    carry_over(batch, split, heirs)
    of_old = {package.id: created for package, created in zip(split, made, strict=True)}
    return of_old, {item_id: heirs_[0][0] for item_id, heirs_ in heirs.items()}


def _make_missing(batch: Batch, split: list[LockedPackage], missing: set[int], *, goes_to: int) -> None:
    """A package of what is not there waits for the planner."""
    packages.create(
        [
            NewPackage(
                order_id=package.order_id,
                location_id=package.location_id,
                state=goes_to,
                items=_lines([item for item in package.items if item.id in missing]),
                lineage=(package.id,),
            )
            for package in split
        ],
        now=batch.now,
    )


COMMAND = Command(
    code="DetectedOutOfStockItemCommandAdvanced",
    kind="package",
    title="Product Not Found and Wrong Product (Advanced)",
    pairs=pairs(SOURCES, WAITS_FOR_PLANNER),
    parameters=NotFoundParameters,
    run=run,
)

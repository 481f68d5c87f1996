"""Akinon OMS: Product Not Found and Wrong Product (Advanced)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
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
from ambar.oms.packages.domain.changes import LockedItem, LockedPackage, NewPackage
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.stock import store as stock


def run(batch: Batch) -> None:
    """The missing items are planned again elsewhere; the rest stays here in a new package, its stock untouched."""
    missing = detect(batch)
    stock.lock_balances(held_keys(batch.standing))
    split = [package for package in batch.standing if any(item.id not in missing for item in package.items)]
    kept = _keep_the_rest(batch, split, missing)
    gone = [_only(package, missing) for package in batch.standing]
    give_stock_back(batch, gone, reason="product not found", missing=missing)
    _make_missing(batch, split, missing)
    more = Counter(
        package.location_id for package in split if package.state < PackageStatus.READY_FOR_PACKAGING
    )
    locations.lock_quota({package.location_id for package in batch.standing})
    for package in split:
        batch.ended[package.id] = PackageStatus.CANCELLED

    def told(package: LockedPackage) -> Mapping[str, Any]:
        rest = {"kept_in": kept[package.id]} if package.id in kept else {}
        return {**found_missing(batch, package), **rest}

    batch.move(attributes=told, sync=False if split else None)
    locations.move_quota(more)
    plan_again(batch)


def _only(package: LockedPackage, wanted: set[int]) -> LockedPackage:
    return replace(package, items=tuple(item for item in package.items if item.id in wanted))


def _lines(items: list[LockedItem]) -> tuple[tuple[int, int, Decimal], ...]:
    return tuple((item.order_item_id, item.product_id, item.quantity) for item in items)


def _keep_the_rest(batch: Batch, split: list[LockedPackage], missing: set[int]) -> dict[int, int]:
    """New packages of what is there, same place and state, holding what the old items held; `{old id: new id}`."""
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
    return {package.id: created.id for package, created in zip(split, made, strict=True)}


def _make_missing(batch: Batch, split: list[LockedPackage], missing: set[int]) -> None:
    """A package of what is not there waits for the planner in the transition's destination."""
    packages.create(
        [
            NewPackage(
                order_id=package.order_id,
                location_id=package.location_id,
                state=int(batch.transition.destination),
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

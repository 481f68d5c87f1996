"""Akinon OMS: Product Not Found & Wrong Product."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import Field, StrictInt

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.commands.stock_effects import give_stock_back
from ambar.oms.orders import store as orders
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.planning import store as planning
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs

SOURCES = (PackageStatus.WAITING, PackageStatus.PREPARING)
WAITS_FOR_PLANNER = (PackageStatus.NEEDS_RESCHEDULING, PackageStatus.OUT_OF_STOCK)
SAID = {"not_found": "not found", "wrong_product": "wrong product"}


class NotFoundParameters(rest.Body):
    """`package_items`: ids of the items that are not there (or are another product); `reason` says which."""

    package_items: Annotated[
        list[Annotated[StrictInt, Field(ge=1, lt=2**63)]], Field(min_length=1, max_length=1000)
    ]
    reason: Literal["not_found", "wrong_product"] = "not_found"


def run(batch: Batch) -> None:
    """The whole package is planned again; the missing items never at this location, and their stock here is written off."""
    missing = detect(batch)
    give_stock_back(batch, batch.standing, reason="product not found", missing=missing)
    batch.move(attributes=lambda package: found_missing(batch, package))
    plan_again(batch)


def detect(batch: Batch) -> set[int]:
    """The missing items of the standing packages, excluded here from now on and off the books; bad wishes are refused."""
    missing: set[int] = set()
    for package in batch.standing:
        wanted = cast(NotFoundParameters, batch.parameters[package.id]).package_items
        problems = _problems(package, wanted)
        if problems:
            batch.refuse(package.id, Invalid(fields={"package_items": problems}))
        else:
            missing.update(wanted)
    never_here(batch, missing, reason=lambda package: _reason(batch, package))
    return missing


def never_here(batch: Batch, missing: Collection[int], *, reason: Callable[[LockedPackage], str]) -> None:
    """The missing items of the standing packages are not planned at this location again; `reason` is one of `SAID`."""
    planning.exclude(
        [
            (item.order_item_id, package.location_id, SAID[reason(package)])
            for package in batch.standing
            for item in package.items
            if item.id in missing
        ],
        now=batch.now,
    )


def _problems(package: LockedPackage, wanted: list[int]) -> list[str]:
    own = {item.id for item in package.items}
    problems = [f"{item} is not an item of package {package.number}." for item in wanted if item not in own]
    twice = sorted({item for item in wanted if wanted.count(item) > 1})
    return problems + [f"Item {item} is named twice." for item in twice]


def _reason(batch: Batch, package: LockedPackage) -> str:
    return cast(NotFoundParameters, batch.parameters[package.id]).reason


def found_missing(batch: Batch, package: LockedPackage) -> Mapping[str, Any]:
    """What the log row tells."""
    wish = cast(NotFoundParameters, batch.parameters[package.id])
    return {"missing_items": wish.package_items, "reason": wish.reason}


def plan_again(batch: Batch) -> None:
    """Put the orders of the standing packages into the planner's queue."""
    plan_again_of(batch.standing, now=batch.now)


def plan_again_of(wanting: Iterable[LockedPackage], *, now: datetime) -> None:
    """Put the orders of these packages into the planner's queue."""
    orders.request_planning(sorted({package.order_id for package in wanting}), now)


COMMAND = Command(
    code="DETECTED_OUT_OF_STOCK_ITEM",
    kind="package",
    title="Product Not Found & Wrong Product",
    pairs=pairs(SOURCES, WAITS_FOR_PLANNER),
    parameters=NotFoundParameters,
    run=run,
)

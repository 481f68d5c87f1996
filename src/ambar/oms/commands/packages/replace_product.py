"""Akinon OMS: Replace Product: another product goes into the package in place of the one that was ordered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import Field

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands import replacing
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.packages.block import BLOCKABLE
from ambar.oms.commands.registry import Command
from ambar.oms.commands.replacing import Replacement, Swap
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage
from ambar.oms.states.domain.fits import same_state_pairs


class ReplaceParameters(rest.Body):
    """`replacement_products`: which items become which product."""

    replacement_products: Annotated[list[Replacement], Field(min_length=1, max_length=1000)]


def ask_stock(parameters: Mapping[int, Any], now: datetime) -> None:
    """Refresh what outside stock services say of the products named."""
    given = cast(Mapping[int, ReplaceParameters], parameters)
    replacing.ask_stock((one.sku for wish in given.values() for one in wish.replacement_products), now)


def run(batch: Batch) -> None:
    """The items hold the other products, reserved (or consumed) at the package's location; price and state stay."""
    wanted = _wanted(batch)
    replacing.swap(batch, wanted)
    skus = replacing.sku_names(wanted)

    def told(package: LockedPackage) -> Mapping[str, Any]:
        return {"replaced": replacing.told(wanted[package.id], skus)}

    batch.note(attributes=told)
    sync = batch.transition.parameters.get("sync_remote_order_status", True) is not False
    packages.announce([package.id for package in batch.standing], sync=sync, now=batch.now)


def _wanted(batch: Batch) -> dict[int, list[Swap]]:
    """The swaps of each standing package; bad wishes are refused."""
    wishes = {
        package.id: [
            (one.package_item, one.sku, one.missing)
            for one in cast(ReplaceParameters, batch.parameters[package.id]).replacement_products
        ]
        for package in batch.standing
    }
    known = replacing.known_skus(sku for wish in wishes.values() for _, sku, _ in wish)
    found: dict[int, list[Swap]] = {}
    for package in batch.standing:
        found[package.id], problems = replacing.swaps(package, wishes[package.id], known)
        if problems:
            batch.refuse(package.id, Invalid(fields={"replacement_products": problems}))
    return found


COMMAND = Command(
    code="REPLACE_PRODUCT",
    kind="package",
    title="Replace Product",
    pairs=same_state_pairs(BLOCKABLE),
    parameters=ReplaceParameters,
    run=run,
    before=ask_stock,
)

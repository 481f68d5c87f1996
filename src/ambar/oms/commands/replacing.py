"""Products that take the place of others in a package: the goods of the old ones are free, those of the new ones held.

Source: Akinon OMS: Replace Product, Prepare Package; `docs/decisions/0041-replace-and-prepare.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from pydantic import Field

from ambar.kit import rest
from ambar.oms.catalogue.models import Product
from ambar.oms.commands import shortage
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.stock_effects import HOLDER, consumed, held_keys
from ambar.oms.commands.units import Id
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedItem, LockedPackage
from ambar.oms.stock import counts, engines, holdings
from ambar.oms.stock import store as stock
from ambar.oms.stock.actions.ask_engines import ask_engines
from ambar.oms.stock.domain.reservations import Key, NotEnoughStock, ReserveLine

REASON = "product replaced"
Sku = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]


class Replacement(rest.Body):
    """All units of the item become `sku`; `missing`: those of the former product are not on the shelf."""

    package_item: Id
    sku: Sku
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """`item` shall hold `product_id`; `missing`: the goods it held are not on the shelf and are written off."""

    item: LockedItem
    product_id: int
    missing: bool


def ask_stock(skus: Iterable[str], now: datetime) -> None:
    """Refresh what outside stock services say of these products, where the figures are too old."""
    if engines.engine_locations():
        ask_engines(set(known_skus(skus).values()), now=now)


def known_skus(skus: Iterable[str]) -> dict[str, int]:
    """`{sku: product id}` of active products."""
    rows = Product.objects.filter(sku__in=set(skus), is_active=True)
    return dict(rows.values_list("sku", "pk"))


def swaps(
    package: LockedPackage, wanted: Sequence[tuple[int, str, bool]], known: Mapping[str, int]
) -> tuple[list[Swap], list[str]]:
    """`(swaps, problems)` of (package item, SKU, missing) as a request names them."""
    own = {item.id: item for item in package.items}
    found: list[Swap] = []
    problems = []
    seen: set[int] = set()
    for item_id, sku, missing in wanted:
        item, product = own.get(item_id), known.get(sku)
        if item is None:
            problems.append(f"{item_id} is not an item of package {package.number}.")
        elif item_id in seen:
            problems.append(f"Item {item_id} is named twice.")
        elif product is None:
            problems.append(f"No active product has the SKU '{sku}'.")
        elif product == item.product_id:
            problems.append(f"Item {item_id} is {sku} already.")
        else:
            found.append(Swap(item=item, product_id=product, missing=missing))
        seen.add(item_id)
    return found, problems


def swap(batch: Batch, wanted: Mapping[int, Sequence[Swap]]) -> None:
    """Let the items of the standing packages hold the new products; a package whose location lacks one is refused.

    A reservation is freed and the new product reserved; what Deallocate consumed is put back, and the new product
    consumed. Missing goods come off the books of a location whose books are kept here. Reservations at an outside engine
    that Deallocate released are not taken again: its service keeps the figures.
    """
    standing = [package for package in batch.standing if wanted.get(package.id)]
    stock.lock_balances(keys(standing, wanted))
    done: dict[int, int] = {}
    for package in standing:
        try:
            with transaction.atomic():
                _swap_one(batch, package, wanted[package.id])
        except NotEnoughStock as missing:
            batch.refuse(package.id, shortage.told(missing))
        else:
            done |= {one.item.id: one.product_id for one in wanted[package.id]}
    packages.replace_products(done, now=batch.now)
    batch.products_replaced(done)


def keys(standing: Iterable[LockedPackage], wanted: Mapping[int, Sequence[Swap]]) -> set[Key]:
    """The balances that the swaps touch."""
    packages_left = list(standing)
    new = {(p.location_id, one.product_id) for p in packages_left for one in wanted.get(p.id, ())}
    return new | held_keys(packages_left)


def _swap_one(batch: Batch, package: LockedPackage, wanted: Sequence[Swap]) -> None:
    why: dict[str, Any] = {"reason": REASON, "cause": batch.cause, "now": batch.now}
    old = replace(package, items=tuple(one.item for one in wanted))
    held = holdings.read(HOLDER, [one.item.id for one in wanted])
    taken = consumed([old])
    stock.give_back_locked(held, **why)
    holdings.restore(taken, **why)
    gone = {one.item.id for one in wanted if one.missing}
    if not package.has_outside_engine:
        counts.write_off([line for line in (*held, *taken) if line.holder_id in gone], **why)
    released = {item.id for item in old.items if item.stock_taken and package.has_outside_engine}
    lines = [_line(package, one) for one in wanted if one.item.id not in released]
    stock.reserve(lines, **why)
    used = {line.holder_id for line in taken}
    holdings.use_up([line for line in lines if line.holder_id in used], **why)


def _line(package: LockedPackage, one: Swap) -> ReserveLine:
    return ReserveLine(
        location_id=package.location_id,
        product_id=one.product_id,
        quantity=one.item.quantity,
        holder_kind=HOLDER,
        holder_id=one.item.id,
    )


def told(wanted: Sequence[Swap], skus: Mapping[int, str]) -> list[dict[str, Any]]:
    """What the log row tells of the swaps; `skus` by product id."""
    return [
        {
            "package_item": one.item.id,
            "from": skus[one.item.product_id],
            "to": skus[one.product_id],
            "missing": one.missing,
        }
        for one in wanted
    ]


def sku_names(wanted: Mapping[int, Sequence[Swap]]) -> dict[int, str]:
    """`{product id: sku}` of both sides of the swaps."""
    ids = {i for swaps_ in wanted.values() for one in swaps_ for i in (one.item.product_id, one.product_id)}
    return dict(Product.objects.filter(pk__in=ids).values_list("pk", "sku"))

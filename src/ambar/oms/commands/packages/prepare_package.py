"""Akinon OMS: Prepare Package: missing goods, other products and scanned barcodes in one call, answered with what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import Field, StrictBool

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands import replacing
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.verdicts import TransitionMissing
from ambar.oms.commands.packages import plain_transition, product_not_found, replace_product
from ambar.oms.commands.packages.product_not_found_advanced import Parted, part
from ambar.oms.commands.registry import Command
from ambar.oms.commands.replacing import Replacement, Swap
from ambar.oms.commands.stock_effects import held_keys
from ambar.oms.commands.units import Id
from ambar.oms.locations import store as locations
from ambar.oms.orders.models import OrderItem
from ambar.oms.packages import payload
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage, StateChange
from ambar.oms.states import queries as states
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.states.queries import Transition
from ambar.oms.stock import store as stock

MOST = 1000
Barcode = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Scanned(rest.Body):
    """The barcodes read while the item was picked."""

    package_item: Id
    barcodes: Annotated[list[Barcode], Field(min_length=1, max_length=MOST)]


class PrepareParameters(rest.Body):
    """`select_items_by_omnitron_id`: whether items are named by their upstream id instead of the package item's.

    `missing_items` are planned again elsewhere (`reason` says why); `replacement_products` become other products;
    `barcodes` are kept with the rest.
    """

    select_items_by_omnitron_id: StrictBool
    missing_items: Annotated[list[Id], Field(max_length=MOST)] = []
    reason: Literal["not_found", "wrong_product"] = "not_found"
    replacement_products: Annotated[list[Replacement], Field(max_length=MOST)] = []
    barcodes: Annotated[list[Scanned], Field(max_length=MOST)] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted of one package, by the ids of its items."""

    missing: frozenset[int]
    swaps: tuple[Swap, ...]
    barcodes: Mapping[int, Sequence[str]]


def ask_stock(parameters: Mapping[int, Any], now: datetime) -> None:
    """Refresh what outside stock services say of the products named."""
    given = cast(Mapping[int, PrepareParameters], parameters)
    replacing.ask_stock((one.sku for wish in given.values() for one in wish.replacement_products), now)


def run(batch: Batch) -> None:
    """What is missing is parted off and planned again, what is replaced holds the other product, the rest is Preparing.

    A package of which something is missing ends Cancelled; what is there goes on in a new one, which is answered. One of
    which everything is missing waits for the planner, whole.
    """
    wishes = _wishes(batch)
    wanting_ids = {package_id for package_id, wish in wishes.items() if wish.missing}
    needed = _transitions(batch, wishes)
    stock.lock_balances(held_keys(batch.standing) | _new_keys(batch, wishes))
    wanted = {package_id: wish.swaps for package_id, wish in wishes.items()}
    skus = replacing.sku_names(wanted)
    replacing.swap(batch, wanted)
    missing = {item for package in batch.standing for item in wishes[package.id].missing}
    product_not_found.never_here(batch, missing, reason=lambda package: _parameters(batch, package.id).reason)
    wanting = [package for package in batch.standing if package.id in wanting_ids]
    split = _part(batch, wanting, missing, needed)
    packages.note_barcodes(
        {
            split.heirs.get(item, item): codes
            for package in batch.standing
            for item, codes in wishes[package.id].barcodes.items()
        },
        now=batch.now,
    )

    def told(package: LockedPackage) -> Mapping[str, Any]:
        return _log(wishes[package.id], skus, split.kept.get(package.id))

    ends = {package.id: split.kept[package.id].id for package in wanting if package.id in split.kept}
    numbers = {package.id: package.number for package in batch.standing}
    batch.move(attributes=told)
    packages.change_states(
        [_prepared(batch, kept, numbers[package_id]) for package_id, kept in ends.items()], now=batch.now
    )
    locations.move_quota(split.more)
    if wanting:
        product_not_found.plan_again_of(wanting, now=batch.now)
    _answer(batch, ends)


def _parameters(batch: Batch, package_id: int) -> PrepareParameters:
    return cast(PrepareParameters, batch.parameters[package_id])


def _wishes(batch: Batch) -> dict[int, Wish]:
    """What each standing package is to become; bad wishes are refused."""
    upstream = _upstream_ids(batch)
    known = replacing.known_skus(
        one.sku for package in batch.standing for one in _parameters(batch, package.id).replacement_products
    )
    found: dict[int, Wish] = {}
    for package in batch.standing:
        wish, problems = _wish(package, _parameters(batch, package.id), upstream, known)
        if problems:
            batch.refuse(package.id, Invalid(fields=problems))
        found[package.id] = wish
    return found


def _upstream_ids(batch: Batch) -> dict[int, int]:
    """`{order item: its upstream id}`, where items are named so."""
    by_upstream = [p for p in batch.standing if _parameters(batch, p.id).select_items_by_omnitron_id]
    ids = {item.order_item_id for package in by_upstream for item in package.items}
    return dict(OrderItem.objects.filter(pk__in=ids).values_list("pk", "upstream_id")) if ids else {}


def _wish(
    package: LockedPackage, given: PrepareParameters, upstream: Mapping[int, int], known: Mapping[str, int]
) -> tuple[Wish, dict[str, list[str]]]:
    named = {
        upstream[item.order_item_id] if given.select_items_by_omnitron_id else item.id: item.id
        for item in package.items
    }
    problems: dict[str, list[str]] = {}
    seen: dict[int, str] = {}

    def own(refs: Sequence[int], field: str, *, alone: bool) -> list[int]:
        found = []
        for ref in refs:
            if ref not in named:
                problems.setdefault(field, []).append(f"{ref} is not an item of package {package.number}.")
            elif named[ref] in found:
                problems.setdefault(field, []).append(f"Item {ref} is named twice.")
            elif alone and ref in seen:
                problems.setdefault(field, []).append(f"Item {ref} is named in {seen[ref]} already.")
            else:
                found.append(named[ref])
            if alone:
                seen[ref] = field
        return found

    missing = own(given.missing_items, "missing_items", alone=True)
    own([one.package_item for one in given.replacement_products], "replacement_products", alone=True)
    scanned = own([one.package_item for one in given.barcodes], "barcodes", alone=False)
    for item in sorted(set(scanned) & set(missing)):
        problems.setdefault("barcodes", []).append(f"Item {item} is missing: it has no barcode to keep.")
    if problems:
        return Wish(missing=frozenset(), swaps=(), barcodes={}), problems
    swaps, wrong = replacing.swaps(
        package,
        [(named[one.package_item], one.sku, one.missing) for one in given.replacement_products],
        known,
    )
    codes = {named[one.package_item]: one.barcodes for one in given.barcodes}
    wish = Wish(missing=frozenset(missing), swaps=tuple(swaps), barcodes=codes)
    return wish, {"replacement_products": wrong} if wrong else {}


def _transitions(batch: Batch, wishes: Mapping[int, Wish]) -> dict[str, Transition]:
    """The active transitions this command runs on the way, by command code; a package that lacks one is refused."""
    source, destination = batch.transition.source, batch.transition.destination
    there: dict[str, Transition] = {}
    for row in states.transitions_from("package", [source])[source]:
        if row.command_code != PLAIN or row.destination == destination:
            there.setdefault(row.command_code, row)
    for package in batch.standing:
        wish = wishes[package.id]
        needs = [PLAIN, *([NOT_FOUND] if wish.missing else []), *([REPLACE] if wish.swaps else [])]
        absent = [code for code in needs if code not in there]
        if absent:
            said = f"Prepare Package also runs {', '.join(absent)} from state {source}: activate a transition for it."
            batch.refuse(package.id, TransitionMissing(said, command_codes=absent))
    return there


def _new_keys(batch: Batch, wishes: Mapping[int, Wish]) -> set[tuple[int, int]]:
    return {
        (package.location_id, one.product_id)
        for package in batch.standing
        for one in wishes[package.id].swaps
    }


def _part(
    batch: Batch, wanting: Sequence[LockedPackage], missing: set[int], needed: Mapping[str, Transition]
) -> Parted:
    if not wanting:
        return Parted(kept={}, heirs={}, more={})
    goes_to = int(needed[NOT_FOUND].destination)
    split = part(batch, wanting, missing, goes_to=goes_to)
    for package in wanting:
        batch.ended.setdefault(package.id, goes_to)
    return split


def _log(wish: Wish, skus: Mapping[int, str], kept: Any) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if wish.missing:
        told["missing_items"] = sorted(wish.missing)
    if wish.swaps:
        told["replaced"] = replacing.told(wish.swaps, skus)
    if kept is not None:
        told["kept_in"] = kept.id
    return told


def _prepared(batch: Batch, package_id: int, former: str) -> StateChange:
    """What is there of a parted package goes where the transition leads."""
    return StateChange(
        package_id=package_id,
        from_state=int(batch.transition.source),
        to_state=int(batch.transition.destination),
        command_code=batch.transition.command_code,
        slug=batch.transition.slug,
        transition_id=batch.transition.id,
        user_id=batch.user_id,
        attributes={"prepared_from": former},
        sync=batch.transition.parameters.get("sync_remote_order_status", True) is not False,
    )


def _answer(batch: Batch, ends: Mapping[int, int]) -> None:
    """Id, number, stock location and remaining items of the package that goes on."""
    of = {package.id: ends.get(package.id, package.id) for package in batch.standing}
    records = payload.payloads(list(of.values()))
    for package_id, last in of.items():
        record = records[last]
        whole = package_id in batch.ended and package_id not in ends
        batch.told[package_id] = {
            "package": last,
            "number": record["number"],
            "stock_location": record["stock_location"]["id"],
            "state": record["state"]["enum_value"],
            "package_items": [] if whole else record["packageitem_set"],
        }


PLAIN = plain_transition.COMMAND.code
NOT_FOUND = product_not_found.COMMAND.code
REPLACE = replace_product.COMMAND.code
COMMAND = Command(
    code="PREPARE_PACKAGE_COMMAND",
    kind="package",
    title="Prepare Package",
    pairs=pairs([PackageStatus.WAITING, PackageStatus.WAITING_REMOTE_ACTION], [PackageStatus.PREPARING]),
    parameters=PrepareParameters,
    run=run,
    before=ask_stock,
)

"""Akinon OMS: Manual Planning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast

from django.db import transaction
from pydantic import Field, StrictInt, model_validator

from ambar.kit import outbox, rest
from ambar.kit.refusals import Invalid
from ambar.oms.commands import shortage
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.domain.assignments import as_group, uncovered
from ambar.oms.commands.registry import Command
from ambar.oms.commands.stock_effects import HOLDER, give_stock_back, held_keys
from ambar.oms.locations import store as locations
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import CreatedPackage, LockedPackage, NewPackage
from ambar.oms.packages.models import PackageItem
from ambar.oms.planning import store as planning
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.stock import engines
from ambar.oms.stock import store as stock
from ambar.oms.stock.actions.ask_engines import ask_engines
from ambar.oms.stock.domain.reservations import NotEnoughStock, ReserveLine

ItemId = Annotated[StrictInt, Field(ge=1, lt=2**63)]


class AssignmentGroup(rest.Body):
    """Items of the package and the ERP code of the stock location that packs them."""

    package_items: Annotated[list[ItemId], Field(min_length=1, max_length=1000)]
    erp_code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        return as_group(given)


class ManualPlanningParameters(rest.Body):
    """Every item of the package stands in exactly one group; each group becomes a package."""

    assignment_groups: Annotated[list[AssignmentGroup], Field(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The items of one group as (package item id, order item id, product id, quantity), and who packs them."""

    location_id: int
    items: tuple[tuple[int, int, int, Any], ...]


def ask_stock(package_ids: Iterable[int], now: datetime) -> None:
    """Refresh what outside stock services say of the packages' products, where the figures are too old."""
    if engines.engine_locations():
        items = PackageItem.objects.filter(package_id__in=[i for i in package_ids if i < 2**63])
        ask_engines(set(items.values_list("product_id", flat=True)), now=now)


def run(batch: Batch) -> None:
    """The package is cancelled and one Waiting package made per group, stock reserved there, all in one transaction."""
    shares = _shares(batch)
    stock.lock_balances(
        [
            *held_keys([package for package in batch.standing if package.id in shares]),
            *((s.location_id, item[2]) for given in shares.values() for s in given for item in s.items),
        ]
    )
    made: dict[int, list[CreatedPackage]] = {}
    for package in batch.standing:
        try:
            with transaction.atomic(), outbox.together():
                made[package.id] = _replace(batch, package, shares[package.id])
        except NotEnoughStock as missing:
            batch.refuse(package.id, shortage.told(missing))
    _finish(batch, shares, made)


def _shares(batch: Batch) -> dict[int, list[Share]]:
    """What each standing package is to become; packages whose groups do not hold are refused."""
    given = {
        package.id: cast(ManualPlanningParameters, batch.parameters[package.id]).assignment_groups
        for package in batch.standing
    }
    codes = {group.erp_code for groups in given.values() for group in groups}
    known = _active(codes, within=batch.location_ids)
    shares = {}
    for package in batch.standing:
        groups = given[package.id]
        problems = _problems(package, groups, known)
        if problems:
            batch.refuse(package.id, Invalid(fields=problems))
            continue
        items = {i.id: (i.id, i.order_item_id, i.product_id, i.quantity) for i in package.items}
        shares[package.id] = [
            Share(
                location_id=known[group.erp_code],
                items=tuple(items[item_id] for item_id in group.package_items),
            )
            for group in groups
        ]
    return shares


def _active(codes: Collection[str], *, within: Sequence[int] | None) -> dict[str, int]:
    """`{erp_code: id}` of active locations; a caller bound to locations finds its own only."""
    rows = StockLocation.objects.filter(erp_code__in=codes, is_active=True)
    if within is not None:
        rows = rows.filter(pk__in=within)
    return dict(rows.values_list("erp_code", "pk"))


def _problems(
    package: LockedPackage, groups: Sequence[AssignmentGroup], known: Mapping[str, int]
) -> dict[str, list[str]]:
    own = [item.id for item in package.items]
    problems = uncovered([group.package_items for group in groups], own, number=package.number)
    for place, group in enumerate(groups):
        if group.erp_code not in known:
            field = f"assignment_groups.{place}.erp_code"
            problems[field] = [f"No active stock location has the ERP code '{group.erp_code}'."]
    return problems


def _replace(batch: Batch, package: LockedPackage, shares: Sequence[Share]) -> list[CreatedPackage]:
    """Free what the old package holds, make the new ones and reserve for them. Raises `NotEnoughStock`."""
    give_stock_back(batch, [package], reason="manual planning")
    decision = planning.add_manual(
        package.order_id,
        [(share.location_id, tuple((item[1], item[2], item[3]) for item in share.items)) for share in shares],
        package_id=package.id,
        user_id=batch.user_id,
        now=batch.now,
    )
    made = packages.create(
        [
            NewPackage(
                order_id=package.order_id,
                location_id=share.location_id,
                state=PackageStatus.WAITING,
                items=tuple(item[1:] for item in share.items),
                decision_id=decision,
                lineage=(package.id,),
            )
            for share in shares
        ],
        now=batch.now,
    )
    lines = [
        ReserveLine(
            location_id=share.location_id,
            product_id=item[2],
            quantity=item[3],
            holder_kind=HOLDER,
            holder_id=item_id,
        )
        for share, created in zip(shares, made, strict=True)
        for item, item_id in zip(share.items, created.item_ids, strict=True)
    ]
    stock.reserve(lines, reason="manual planning", cause=batch.cause, now=batch.now)
    return made


def _finish(
    batch: Batch, shares: Mapping[int, Sequence[Share]], made: Mapping[int, Sequence[CreatedPackage]]
) -> None:
    """Cancel the old packages and move the quota, whose rows are locked in one pass."""
    if not made:
        return
    more = Counter(share.location_id for package_id in made for share in shares[package_id])
    locations.lock_quota({*more, *(package.location_id for package in batch.standing)})
    batch.move(
        attributes=lambda package: {"packages": [created.id for created in made[package.id]]}, sync=False
    )
    locations.move_quota(more)


COMMAND = Command(
    code="MANUAL_PLANNING",
    kind="package",
    title="Manual Planning",
    pairs=pairs(
        [
            PackageStatus.WAITING,
            PackageStatus.WAITING_REMOTE_ACTION,
            PackageStatus.PREPARING,
            PackageStatus.WAITING_FOR_TRANSFER,
            PackageStatus.READY_FOR_PACKAGING,
            PackageStatus.NEEDS_RESCHEDULING,
            PackageStatus.OUT_OF_STOCK,
        ],
        [PackageStatus.CANCELLED],
    ),
    parameters=ManualPlanningParameters,
    run=run,
    before=ask_stock,
)

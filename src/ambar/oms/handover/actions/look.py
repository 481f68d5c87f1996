"""Look at records that differ on both sides, and decide by the field authority table what is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.oms.handover import queries, store
from ambar.oms.handover.domain import authority, differences
from ambar.oms.handover.domain.differences import ALIKE, UNDER_WAY, Difference
from ambar.oms.handover.gateways.seller_center import SellerCenter, Silent
from ambar.oms.handover.models import Conflict
from ambar.oms.upstream import configured


def look(conflicts: Sequence[Conflict], center: SellerCenter) -> int:
    """Decide about up to 100 conflicts of one kind; those that are none are deleted. Answers how many were under way."""
    verdicts = _verdicts(conflicts, center)
    gone: list[int] = []
    changed: list[Conflict] = []
    under_way = 0
    for conflict in conflicts:
        verdict, record_id = verdicts[conflict.key]
        if not isinstance(verdict, Difference):
            gone.append(conflict.pk)
            under_way += verdict == UNDER_WAY
            continue
        row = verdict.row
        conflict.case, conflict.owner, conflict.remedy = row.case, row.owner, row.remedy
        conflict.fields = [
            {"field": name, "ours": _plain(ours), "theirs": _plain(theirs)}
            for name, ours, theirs in verdict.fields
        ]
        conflict.record_id, conflict.state = record_id, Conflict.OPEN
        changed.append(conflict)
    Conflict.objects.filter(pk__in=gone).delete()
    store.keep_decided(changed)
    return under_way


def still_differ(conflicts: Sequence[Conflict], center: SellerCenter) -> list[Conflict]:
    """Those of up to 100 conflicts of one kind on which the two sides still don't agree, or are not done yet.

    Where a state or a sequence differed, the event that told it again carried everything else: these two are looked at only.
    """
    whole = any(
        not {"package", "state", "sequence"} & {field["field"] for field in one.fields} for one in conflicts
    )
    verdicts = _verdicts(conflicts, center, whole=whole)
    return [conflict for conflict in conflicts if verdicts[conflict.key][0] != ALIKE]


def _verdicts(
    conflicts: Sequence[Conflict], center: SellerCenter, *, whole: bool = True
) -> dict[str, tuple[Difference | str, int | None]]:
    keys = [conflict.key for conflict in conflicts]
    if conflicts[0].kind == authority.PACKAGE:
        return _packages(keys, center, whole=whole)
    return _orders([int(key) for key in keys], center)


def _packages(
    numbers: Sequence[str], center: SellerCenter, *, whole: bool
) -> dict[str, tuple[Difference | str, int | None]]:
    hooks = [pk for ids in queries.partner_hooks(center.base_url).values() for pk in ids]
    before = queries.told(numbers)
    there = {str(one["number"]): compared(one) for one in center.details(numbers=numbers, brief=not whole)}
    here = queries.packages_here(numbers, hooks, whole=whole)
    found: dict[str, tuple[Difference | str, int | None]] = {}
    for number in numbers:
        mine = here.get(number)
        moved = (mine and (mine.state, mine.sequence)) != before.get(number)
        verdict = UNDER_WAY if moved else differences.of_package(mine, there.get(number))
        found[number] = verdict, None if mine is None else mine.id
    return found


def compared(detail: Mapping[str, Any]) -> dict[str, Any]:
    """A package's details in the shapes that are laid side by side."""
    if "items" not in detail:
        return dict(detail)
    try:
        lines = [(item["order_item"], item["sku"], item["quantity"]) for item in detail["items"]]
    except (KeyError, TypeError) as error:
        raise Silent(f"handover/packages/details/: {error}") from error
    return {**detail, "items": queries.item_lines(lines)}


def _orders(ids: Sequence[int], center: SellerCenter) -> dict[str, tuple[Difference | str, int | None]]:
    source = configured.order_source()
    there: dict[int, tuple[datetime, int]] = {}
    for row in center.rows("orders", [f"{pk}-{pk + 1}" for pk in ids]):
        try:
            there[int(row[0])] = clock.parse(row[1]), int(row[2])
        except (IndexError, TypeError, ValueError) as error:
            raise Silent(f"handover/orders/rows/: {error}") from error
    here, up_to = queries.orders_here(source, ids), queries.read_up_to(source)
    found: dict[str, tuple[Difference | str, int | None]] = {}
    for pk in ids:
        at, packages = there.get(pk, (None, 0))
        verdict = differences.of_order(here.get(pk), at, packages_there=packages, read_up_to=up_to)
        found[str(pk)] = verdict, pk
    return found


def _plain(value: Any) -> Any:
    return clock.iso(value) if isinstance(value, datetime) else value

"""Look at records that differ on both sides, and decide by the field authority table what is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.kit.agreement import disagreeing
from ambar.kit.agreement.asking import FIELDS, STATUSES
from ambar.oms.handover import held_orders, order_fields, queries, store
from ambar.oms.handover.domain import authority, differences
from ambar.oms.handover.domain.differences import ALIKE, UNDER_WAY, Difference, OrderFields
from ambar.oms.handover.domain.statuses import Apart, Known, apart
from ambar.oms.handover.gateways.seller_center import SellerCenter, Silent
from ambar.oms.handover.models import Conflict
from ambar.oms.handover.order_fields import OfferedOrder
from ambar.oms.handover.sides import PACKAGES, Ours, Theirs
from ambar.oms.upstream import configured, reading


def look(conflicts: Sequence[Conflict], center: SellerCenter, *, fields: int) -> int:
    """Decide about up to 100 conflicts of one kind; those that are none are deleted. Answers how many were under way.

    `fields`: how much of an order is compared (`asking.DEPTHS`).
    """
    verdicts = _verdicts(conflicts, center, fields=fields)
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


def decide_anew(conflicts: Sequence[Conflict], center: SellerCenter) -> None:
    """Up to 100 packages that were put right here: one that stands there, but not as it stands here now, is open again, for what the
    table says of that. Each field keeps what stood here before. Source: `docs/decisions/0128-wrong-on-both-sides.md`.
    """
    verdicts = _verdicts(conflicts, center, fields=FIELDS)
    again: list[Conflict] = []
    for conflict in conflicts:
        verdict, _ = verdicts[conflict.key]
        if not isinstance(verdict, Difference) or verdict.row.case != authority.BOTH:
            continue
        row = verdict.row
        before = {one["field"]: one for one in conflict.fields}
        found = {
            name: {"field": name, "ours": _plain(ours), "theirs": _plain(theirs)}
            for name, ours, theirs in verdict.fields
        }
        for name in before.keys() & found.keys():
            found[name]["ours"] = before[name]["ours"]
        conflict.fields = list((before | found).values())
        conflict.case, conflict.owner, conflict.remedy = row.case, row.owner, row.remedy
        conflict.state = Conflict.OPEN
        again.append(conflict)
    store.keep_decided(again)


def still_differ(conflicts: Sequence[Conflict], center: SellerCenter, *, fields: int) -> list[Conflict]:
    """Those of up to 100 conflicts of one kind on which the two sides still don't agree, or are not done yet.

    Where a state or a sequence differed, the event that told it again carried everything else: these two are looked at only.
    """
    whole = any(
        not {"package", "state", "sequence"} & {field["field"] for field in one.fields} for one in conflicts
    )
    verdicts = _verdicts(conflicts, center, fields=fields, whole=whole)
    return [conflict for conflict in conflicts if verdicts[conflict.key][0] != ALIKE]


AT_ONCE = 100
MOST_APART = 1000
"""So many packages that seem to differ are looked at one by one; beyond, the sides are apart as a whole."""


def packages_apart(center: SellerCenter, source: str) -> dict[str, int] | None:
    """Numbers of the packages that don't stand there as they do here at this moment, by state and sequence, each with the sequence
    up to which it is sure to stand there all the same (0: nothing is); None when there are too many. Nothing is written.
    """
    ours, theirs = Ours(PACKAGES, source, fields=0), Theirs(PACKAGES, center, fields=0)
    keys: set[str] = set()
    for step in disagreeing(ours, theirs):
        keys |= step.keys
        if len(keys) > MOST_APART:
            return None
    numbers = sorted(keys)
    sure: dict[str, int] = {}
    for first in range(0, len(numbers), AT_ONCE):
        found = _packages(numbers[first : first + AT_ONCE], center, whole=False)
        sure |= {number: 0 for number, (verdict, _) in found.items() if verdict != ALIKE}
        moving = [number for number, (verdict, _) in found.items() if verdict == UNDER_WAY]
        for one in center.details(numbers=moving, brief=True):
            sure[str(one["number"])] = int(one.get("sequence") or 0)
    return sure


def _verdicts(
    conflicts: Sequence[Conflict], center: SellerCenter, *, fields: int, whole: bool = True
) -> dict[str, tuple[Difference | str, int | None]]:
    keys = [conflict.key for conflict in conflicts]
    if conflicts[0].kind == authority.PACKAGE:
        return _packages(keys, center, whole=whole)
    return _orders([int(key) for key in keys], center, fields=fields)


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


@dataclass(frozen=True, slots=True)
class _OrderThere:
    """An order's row at the Seller Center; `mark` None where fields are not compared."""

    at: datetime
    packages: int
    mark: str | None


def _orders(
    ids: Sequence[int], center: SellerCenter, *, fields: int
) -> dict[str, tuple[Difference | str, int | None]]:
    source = configured.order_source()
    there: dict[int, _OrderThere] = {}
    for row in center.rows("orders", [f"{pk}-{pk + 1}" for pk in ids], fields=fields):
        try:
            there[int(row[0])] = _OrderThere(
                clock.parse(row[1]), int(row[2]), str(row[3]) if fields else None
            )
        except (IndexError, TypeError, ValueError) as error:
            raise Silent(f"handover/orders/rows/: {error}") from error
    here, up_to = queries.orders_here(source, ids), queries.read_up_to(source)
    same = {
        pk: one for pk, one in there.items() if one.mark and pk in here and here[pk].modified_at == one.at
    }
    differing = _order_fields(source, same, center, fields) if same else {}
    found: dict[str, tuple[Difference | str, int | None]] = {}
    for pk in ids:
        other, different = there.get(pk), differing.get(pk, Apart())
        verdict: Difference | str = UNDER_WAY
        if different is not None:
            verdict = differences.of_order(
                here.get(pk),
                other.at if other else None,
                packages_there=other.packages if other else 0,
                read_up_to=up_to,
                fields=different.fields,
                is_behind=different.is_behind,
            )
        found[str(pk)] = verdict, pk
    return found


def _order_fields(
    source: str, same: Mapping[int, _OrderThere], center: SellerCenter, depth: int
) -> dict[int, Apart | None]:
    """The fields that differ of orders of the same modification on both sides; None for one that is just changing there.

    Marks whose difference is none are noted, so that they are not looked at again; so are those of orders that were not taken, of
    which nothing is here to be laid beside.
    """
    marks = {
        pk: (own, standing)
        for pk, (version, own, standing) in held_orders.marks(source, list(same), depth).items()
        if version == same[pk].at
    }
    doubtful = [pk for pk, (_, standing) in marks.items() if standing != same[pk].mark]
    known = order_fields.statuses_here(source, doubtful) if depth == STATUSES else {}
    records = {record.get("pk"): record for record in center.orders(doubtful) if isinstance(record, dict)}
    ours, settings = order_fields.here(source, doubtful), configured.current()
    found: dict[int, Apart | None] = {}
    for pk in doubtful:
        try:
            theirs = order_fields.there(records.get(pk, {}), settings)
        except reading.Unreadable as problem:
            found[pk] = Apart(fields=(("record", None, str(problem)),)) if pk in records else None
            continue
        found[pk] = _apart(ours[pk], known.get(pk), theirs) if theirs.modified_at == same[pk].at else None
    agreed = {pk: marks[pk][0] for pk in doubtful if found[pk] == Apart()}
    agreed |= {pk: "" for pk in same if pk not in marks}
    held_orders.agree(
        source, {pk: (same[pk].at, own, str(same[pk].mark)) for pk, own in agreed.items()}, now=clock.now()
    )
    return found


def _apart(ours: OrderFields, known: Known | None, theirs: OfferedOrder) -> Apart | None:
    """What differs of an order, of its statuses where these are `known`; None where they are just being told."""
    fields = differences.of_order_fields(ours, theirs.fields)
    statuses = apart(known, theirs.statuses) if known else Apart()
    if statuses.fields and known and known.is_telling:
        return None
    return Apart(fields=fields + statuses.fields, is_behind=statuses.is_behind and not fields)


def _plain(value: Any) -> Any:
    return clock.iso(value) if isinstance(value, datetime) else value

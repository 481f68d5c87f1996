"""What is set aside and why: the row each kind of refusal leaves in quarantine, and under which name it lies there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.oms.upstream import reading, store
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain.verdicts import ANOTHER_ORDER
from ambar.oms.upstream.schemas import WireOrder
from ambar.oms.upstream.text import fingerprint, storable

MALFORMED = "malformed"
LONGEST_REASON = 1600
OTHER = "other:"
"""How the names begin under which lies what is not, or may not be, the order known by its id."""


def _identity(upstream_id: int) -> str:
    return f"order:{upstream_id}"


def usable_id(record: Any) -> int | None:
    """The id of a record, where it is one that can be kept."""
    upstream_id = record.get("pk", record.get("id")) if isinstance(record, dict) else None
    whole = isinstance(upstream_id, int) and not isinstance(upstream_id, bool) and 0 < upstream_id < 2**63
    return upstream_id if whole else None


def another_order(record: Any, upstream_id: int, number: str, here: str) -> store.SetAside:
    """What comes under an id that is known `here` under another number."""
    reason = f'number: order {upstream_id} is "{here}" here, and comes as "{number}"'
    detail = {"number_here": here, "number_given": number}
    return _of_another(record, upstream_id, number, reason, detail)


def of_no_supplier(record: Any, wire: WireOrder, configured: Configured) -> store.SetAside:
    """What was sent here and names no supplier."""
    reason = (
        f'supplier_code: the order names none, and orders sent here must name "{configured.supplier_code}"'
    )
    return _of_another(record, wire.pk, wire.number, reason, {})


def _of_another(
    record: Any, upstream_id: int, number: str, reason: str, detail: dict[str, Any]
) -> store.SetAside:
    """Set aside under a name of its own: the order whose id this is has its own place, and its versions never close this one."""
    return store.SetAside(
        identity=f"{OTHER}{upstream_id}:{fingerprint(number)}",
        upstream_id=upstream_id,
        number=number,
        kind=ANOTHER_ORDER,
        cause=f"{ANOTHER_ORDER}:{reason.partition(':')[0]}",
        reason=reason,
        payload=record,
        detail=detail,
    )


def of_lines(record: Any, elsewhere: Mapping[int, tuple[int, str]]) -> store.SetAside:
    """Set an order aside whose lines belong to another one; a later version of it that names only its own lets it go."""
    wire = reading.order(record)
    line, here = elsewhere[wire.pk]
    return store.SetAside(
        identity=_identity(wire.pk),
        upstream_id=wire.pk,
        number=wire.number,
        kind=ANOTHER_ORDER,
        cause=f"{ANOTHER_ORDER}:orderitem_set",
        reason=f'orderitem_set: line {line} belongs to order "{here}" here',
        payload=record,
        upstream_modified_at=wire.modified_date,
        detail={"line": line, "number_here": here},
    )


def malformed(record: Any, reason: str) -> store.SetAside:
    """Under its id where it has one, which is its order's place; see `apart` for those that have no right to it."""
    usable = usable_id(record)
    number = record.get("number") if isinstance(record, dict) else None
    at = version(record)
    return store.SetAside(
        identity=_identity(usable) if usable is not None else f"record:{fingerprint(record)}",
        upstream_id=usable,
        number=number[:128] if isinstance(number, str) and "\x00" not in number else None,
        kind=MALFORMED,
        cause=f"malformed:{reading.cause_of(reason)}",
        reason=reason[:LONGEST_REASON],
        payload=record,
        detail={} if at is None else {store.VERSION: clock.iso(at)},
    )


def version(record: Any) -> datetime | None:
    """The version's time where it can be read. Of an order it is kept in the detail, for reconciling a malformed one is of no version."""
    text = record.get("modified_date") if isinstance(record, dict) else None
    try:
        return clock.within(clock.parse(text)) if isinstance(text, str) else None
    except ValueError:
        return None


def nobodys(record: Any, configured: Configured) -> bool:
    """Whether it was sent here and does not name the supplier it must name, so that its id says nothing (decision 123)."""
    named = record.get("supplier_code") if isinstance(record, dict) else None
    return configured.supplier_named and bool(configured.supplier_code) and named != configured.supplier_code


def apart(aside: store.SetAside, *, here: str | None, configured: Configured, beside: bool) -> store.SetAside:
    """What is malformed, moved from its id's place to one of its own where it is another order, or may be.

    `here`: the number under which its id is known here. `beside`: it has no right to its id's place in any case.
    """
    if aside.upstream_id is None:
        return aside
    detail, told = dict(aside.detail), ""
    if aside.number is not None and here is not None and aside.number != here:
        detail |= {"number_here": here, "number_given": aside.number}
        told = f'; number: order {aside.upstream_id} is "{here}" here, and comes as "{aside.number}"'
    elif beside:
        told = f'; supplier_code: sent here without "{configured.supplier_code}", so it may be another order {aside.upstream_id}'
    else:
        return aside
    # Of what has no number nothing but itself tells whether it is the same again, as it is kept.
    name = fingerprint(storable(aside.payload) if aside.number is None else aside.number)
    return replace(
        aside, identity=f"{OTHER}{aside.upstream_id}:{name}", reason=aside.reason + told, detail=detail
    )


def unknown_place(record: Any, wire: WireOrder, unknown: Any) -> store.SetAside:
    """An order whose address names a place nobody knows here; it waits until somebody does."""
    return store.SetAside(
        identity=_identity(wire.pk),
        upstream_id=wire.pk,
        number=wire.number,
        kind="unknown_place",
        cause=unknown.cause[:400],
        reason=f"unknown {unknown.level}: {unknown.name or 'none given'}",
        payload=record,
        upstream_modified_at=wire.modified_date,
        detail={"level": unknown.level, "parent": unknown.parent_id, "name": unknown.name},
    )

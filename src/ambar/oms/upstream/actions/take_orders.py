"""Take orders from upstream (Akinon: "Integrating OMS with Seller Center", orders flow through the Seller Center).

One bad order never stops the others: it is set aside with its cause. Repeating a batch changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from ambar.oms.orders import intake_store as orders
from ambar.oms.orders.domain.incoming import IncomingOrder
from ambar.oms.places import queries as places
from ambar.oms.upstream import echoing, known, reading, store
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain import filters, verdicts
from ambar.oms.upstream.domain.verdicts import Verdict
from ambar.oms.upstream.domain.versions import FURTHEST_AHEAD
from ambar.oms.upstream.schemas import WireOrder
from ambar.oms.upstream.text import fingerprint

SUPPLIER_RULE = "supplier_code"


@dataclass(slots=True)
class _Judged:
    """A batch sorted by what is to become of it; keys are positions in the request."""

    read: dict[int, WireOrder] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    aside: dict[int, store.SetAside] = field(default_factory=dict)
    ready: dict[int, IncomingOrder] = field(default_factory=dict)


def take_orders(
    records: Sequence[Any],
    *,
    source: str,
    configured: Configured,
    now: datetime,
    preview: bool = False,
    beyond: datetime | None = None,
) -> list[Verdict]:
    """Take up to a few hundred orders in one transaction; one verdict per record, in the same order.

    `records` are detailed orders as JSON objects (`contracts/seller-center-to-oms/order.json`); `source` names the
    system their ids belong to. With `preview` nothing is written and the verdict says what would happen. `beyond` is given
    where the records are what upstream holds at this moment: the latest time its clock can show (`versions.NEWER_SQL`).
    """
    if preview:
        return _foreseen(records, source, configured, now)
    try:
        return _attempt(records, source, configured, now, beyond)
    except (DatabaseError, TypeError, ValueError) as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        known.forget()
        if len(records) == 1:
            return [_last_attempt(records, source, configured, now, beyond)]
    return [
        replace(verdict, position=position)
        for position, record in enumerate(records)
        for verdict in take_orders([record], source=source, configured=configured, now=now, beyond=beyond)
    ]


def _attempt(
    records: Sequence[Any], source: str, configured: Configured, now: datetime, beyond: datetime | None
) -> list[Verdict]:
    echoed = echoing.follow(records, source=source, configured=configured, now=now)
    others = [position for position in range(len(records)) if position not in echoed]
    if not others:
        return [echoed[position] for position in sorted(echoed)]
    judged = _judge([records[position] for position in others], source, configured, now, preview=False)
    written = _verdicts(len(others), judged, source, _write(judged, source, now, beyond))
    if not echoed:
        return written
    moved = [replace(verdict, position=position) for position, verdict in zip(others, written, strict=True)]
    return sorted([*moved, *echoed.values()], key=lambda verdict: verdict.position)


def _last_attempt(
    records: Sequence[Any], source: str, configured: Configured, now: datetime, beyond: datetime | None
) -> Verdict:
    """One record the database refused: once more with fresh ids, then set aside."""
    try:
        return _attempt(records, source, configured, now, beyond)[0]
    except (DatabaseError, TypeError, ValueError) as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        aside = _malformed(records[0], f"refused by the database: {first_line}")
    judged = _Judged(aside={0: aside})
    return _verdicts(1, judged, source, _write(judged, source, now, beyond))[0]


def _foreseen(records: Sequence[Any], source: str, configured: Configured, now: datetime) -> list[Verdict]:
    judged = _judge(records, source, configured, now, preview=True)
    here = store.already_here(source, [order.upstream_id for order in judged.ready.values()])
    ids = {(source, upstream_id): -1 for upstream_id in here}
    return _verdicts(
        len(records), judged, source, orders.UpsertResult(created=(), updated=(-1,), stale=(), ids=ids)
    )


def _judge(
    records: Sequence[Any], source: str, configured: Configured, now: datetime, *, preview: bool
) -> _Judged:
    judged = _Judged()
    for position, record in enumerate(records):
        try:
            wire = reading.order(record)
            if wire.modified_date > now + FURTHEST_AHEAD:
                raise reading.Unreadable("modified_date: lies more than a day ahead")
            for item in wire.orderitem_set:
                if item.attributes or item.quantity is not None:
                    reading.quantity(item.attributes, item.quantity, configured.quantity_key)
        except reading.Unreadable as error:
            judged.aside[position] = _malformed(record, str(error))
            continue
        judged.read[position] = wire
        rule = _refusing(wire, configured)
        if rule is not None:
            judged.refused[position] = rule
    _keep_updates(judged, source)
    _resolve(records, judged, source, configured, preview=preview)
    return judged


def _refusing(wire: WireOrder, configured: Configured) -> str | None:
    if configured.supplier_code and wire.supplier_code and wire.supplier_code != configured.supplier_code:
        return SUPPLIER_RULE
    return filters.refusing(configured.filters, reading.view(wire)) if configured.filters else None


def _keep_updates(judged: _Judged, source: str) -> None:
    """An order taken before is followed to its end, whatever the rules say about its newer versions."""
    doubtful = {
        position: judged.read[position].pk
        for position, rule in judged.refused.items()
        if rule != SUPPLIER_RULE
    }
    here = store.already_here(source, list(doubtful.values()))
    for position, upstream_id in doubtful.items():
        if upstream_id in here:
            del judged.refused[position]


def _resolve(
    records: Sequence[Any], judged: _Judged, source: str, configured: Configured, *, preview: bool
) -> None:
    taken = [position for position in judged.read if position not in judged.refused]
    if not taken:
        return
    found = places.resolve(source, [reading.asked(judged.read[position]) for position in taken])
    usable = []
    for position, place in zip(taken, found, strict=True):
        if place.unknown is not None:
            judged.aside[position] = _unknown_place(records[position], judged.read[position], place.unknown)
        else:
            usable.append((position, place))
    wires = [judged.read[position] for position, _ in usable]
    skus = [item.product for wire in wires for item in wire.orderitem_set]
    ids = dict.fromkeys((product.sku for product in skus), 0) if preview else known.products(skus)
    for position, place in usable:
        wire = judged.read[position]
        judged.ready[position] = reading.incoming(
            wire,
            records[position],
            source=source,
            configured=configured,
            channel_id=0 if preview else known.channel(source, wire.channel),
            products=ids,
            places=place,
        )


def _write(judged: _Judged, source: str, now: datetime, beyond: datetime | None) -> orders.UpsertResult:
    refused = [
        (judged.read[position].pk, judged.read[position].number, rule, judged.read[position].modified_date)
        for position, rule in judged.refused.items()
    ]
    settled = [(order.upstream_id, "taken", order.upstream_modified_at) for order in judged.ready.values()]
    settled += [(pk, verdicts.FILTERED, modified) for pk, _, _, modified in refused]
    with transaction.atomic():
        result = orders.upsert(list(judged.ready.values()), now=now, beyond=beyond)
        store.settle(source, settled, now=now, beyond=beyond)
        store.quarantine(source, judged.aside.values(), now=now, beyond=beyond)
        store.note_not_taken(source, refused, now=now, beyond=beyond)
    return result


def _identity(upstream_id: int) -> str:
    return f"order:{upstream_id}"


def _malformed(record: Any, reason: str) -> store.SetAside:
    upstream_id = record.get("pk", record.get("id")) if isinstance(record, dict) else None
    whole = isinstance(upstream_id, int) and not isinstance(upstream_id, bool) and 0 < upstream_id < 2**63
    usable: int | None = upstream_id if whole else None
    number = record.get("number") if isinstance(record, dict) else None
    field_name = reason.partition(":")[0][:200]
    return store.SetAside(
        identity=_identity(usable) if usable is not None else f"record:{fingerprint(record)}",
        upstream_id=usable,
        number=number[:128] if isinstance(number, str) and "\x00" not in number else None,
        kind="malformed",
        cause=f"malformed:{field_name}",
        reason=reason[:2000],
        payload=record,
    )


def _unknown_place(record: Any, wire: WireOrder, unknown: Any) -> store.SetAside:
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


def _verdicts(count: int, judged: _Judged, source: str, result: orders.UpsertResult) -> list[Verdict]:
    created, updated = set(result.created), set(result.updated)
    found = []
    for position in range(count):
        wire = judged.read.get(position)
        upstream_id, number = (wire.pk, wire.number) if wire else (None, None)
        if position in judged.aside:
            aside = judged.aside[position]
            found.append(
                Verdict(
                    position=position,
                    outcome=verdicts.QUARANTINED,
                    upstream_id=aside.upstream_id,
                    number=aside.number,
                    cause=aside.cause,
                    reason=aside.reason,
                )
            )
            continue
        if position in judged.refused:
            rule = judged.refused[position]
            found.append(
                Verdict(
                    position=position,
                    outcome=verdicts.FILTERED,
                    upstream_id=upstream_id,
                    number=number,
                    rule=rule,
                )
            )
            continue
        order_id = result.ids.get((source, judged.ready[position].upstream_id))
        outcome = verdicts.UNCHANGED
        if order_id in created or order_id is None:
            outcome = verdicts.CREATED
        elif order_id in updated:
            outcome = verdicts.UPDATED
        found.append(
            Verdict(
                position=position,
                outcome=outcome,
                upstream_id=upstream_id,
                number=number,
                order_id=None if order_id == -1 else order_id,
            )
        )
    return found

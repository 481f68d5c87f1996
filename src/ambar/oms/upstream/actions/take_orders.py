"""Take orders from upstream (Akinon: "Integrating OMS with Seller Center", orders flow through the Seller Center).

One bad order never stops the others: it is set aside with its cause. Repeating a batch changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from ambar.oms.orders import intake_store as orders
from ambar.oms.orders.domain.incoming import IncomingOrder
from ambar.oms.places import queries as places
from ambar.oms.upstream import echoing, known, reading, setting_aside, store
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain import filters, verdicts
from ambar.oms.upstream.domain.verdicts import Verdict
from ambar.oms.upstream.domain.versions import FURTHEST_AHEAD
from ambar.oms.upstream.schemas import WireOrder

SUPPLIER_RULE = "supplier_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """How a batch is taken; see `take_orders`."""

    source: str
    configured: Configured
    now: datetime
    beyond: datetime | None = None
    renames: bool = False
    beside: bool = False


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
    renames: bool = False,
    beside: bool = False,
) -> list[Verdict]:
    """Take up to a few hundred orders in one transaction; one verdict per record, in the same order.

    `records` are detailed orders as JSON objects (`contracts/seller-center-to-oms/order.json`); `source` names the
    system their ids belong to. With `preview` nothing is written and the verdict says what would happen. `beyond` is given
    where the records are what upstream holds at this moment: the latest time its clock can show (`versions.NEWER_SQL`).

    Upstream never changes an order's number: what comes under a known id with another number is another system's order, and is set
    aside, unless a person said that it got the new number (`renames`). `beside`: these lay apart from the orders of their ids, and
    what of them is malformed still goes on doing so.
    """
    terms = _Terms(
        source=source, configured=configured, now=now, beyond=beyond, renames=renames, beside=beside
    )
    if preview:
        return _foreseen(records, terms)
    if len(records) > 1 and _share_an_id(records):
        return _one_by_one(records, terms)
    try:
        return _attempt(records, terms)
    except orders.LinesOfOthers as problem:
        if len(records) == 1:
            return [_set_aside(setting_aside.of_lines(records[0], problem.lines), terms)]
    except (DatabaseError, TypeError, ValueError) as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        known.forget()
        if len(records) == 1:
            return [_last_attempt(records, terms)]
    return _one_by_one(records, terms)


def _one_by_one(records: Sequence[Any], terms: _Terms) -> list[Verdict]:
    return [
        replace(verdict, position=position)
        for position, record in enumerate(records)
        for verdict in take_orders(
            [record],
            source=terms.source,
            configured=terms.configured,
            now=terms.now,
            beyond=terms.beyond,
            renames=terms.renames,
            beside=terms.beside,
        )
    ]


def _share_an_id(records: Sequence[Any]) -> bool:
    """Whether two of them have one id and different numbers: of these the newer would stand for both."""
    numbers: dict[int, Any] = {}
    return any(
        numbers.setdefault(pk, record.get("number")) != record.get("number")
        for record in records
        if (pk := setting_aside.usable_id(record)) is not None
    )


def _attempt(records: Sequence[Any], terms: _Terms) -> list[Verdict]:
    source = terms.source
    echoed = echoing.follow(records, source=source, configured=terms.configured, now=terms.now)
    others = [position for position in range(len(records)) if position not in echoed]
    if not others:
        return [echoed[position] for position in sorted(echoed)]
    judged = _judge([records[position] for position in others], terms, preview=False)
    written = _verdicts(len(others), judged, source, _write(judged, terms))
    if not echoed:
        return written
    moved = [replace(verdict, position=position) for position, verdict in zip(others, written, strict=True)]
    return sorted([*moved, *echoed.values()], key=lambda verdict: verdict.position)


def _last_attempt(records: Sequence[Any], terms: _Terms) -> Verdict:
    """One record the database refused: once more with fresh ids, then set aside."""
    try:
        return _attempt(records, terms)[0]
    except (DatabaseError, TypeError, ValueError) as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        judged = _Judged(
            aside={0: setting_aside.malformed(records[0], f"refused by the database: {first_line}")}
        )
    _keep_malformed_apart(judged, terms)
    return _set_aside(judged.aside[0], terms)


def _set_aside(aside: store.SetAside, terms: _Terms) -> Verdict:
    judged = _Judged(aside={0: aside})
    return _verdicts(1, judged, terms.source, _write(judged, terms))[0]


def _foreseen(records: Sequence[Any], terms: _Terms) -> list[Verdict]:
    source = terms.source
    judged = _judge(records, terms, preview=True)
    here = store.already_here(source, [order.upstream_id for order in judged.ready.values()])
    if not terms.renames:
        _keep_apart(judged, here)
    elsewhere = orders.lines_elsewhere(judged.ready.values())
    for position, order in list(judged.ready.items()):
        if order.upstream_id in elsewhere:
            judged.aside[position] = setting_aside.of_lines(order.raw, elsewhere)
            del judged.ready[position]
    ids = {(source, upstream_id): -1 for upstream_id in here}
    return _verdicts(
        len(records), judged, source, orders.UpsertResult(created=(), updated=(-1,), stale=(), ids=ids)
    )


def _judge(records: Sequence[Any], terms: _Terms, *, preview: bool) -> _Judged:
    source, configured = terms.source, terms.configured
    judged = _Judged()
    for position, record in enumerate(records):
        try:
            wire = reading.order(record)
            if wire.modified_date > terms.now + FURTHEST_AHEAD:
                raise reading.Unreadable("modified_date: lies more than a day ahead")
            for line, item in enumerate(wire.orderitem_set):
                if item.attributes or item.quantity is not None:
                    reading.quantity(item.attributes, item.quantity, configured.quantity_key, line=line)
        except reading.Unreadable as error:
            judged.aside[position] = setting_aside.malformed(record, str(error))
            continue
        judged.read[position] = wire
        if configured.supplier_named and configured.supplier_code and not wire.supplier_code:
            judged.aside[position] = setting_aside.of_no_supplier(record, wire, configured)
            continue
        rule = _refusing(wire, configured)
        if rule is not None:
            judged.refused[position] = rule
    _keep_malformed_apart(judged, terms)
    _keep_updates(judged, source)
    _resolve(records, judged, source, configured, preview=preview)
    if not terms.renames:
        _name_others(records, judged, source)
    return judged


def _keep_malformed_apart(judged: _Judged, terms: _Terms) -> None:
    """What is malformed and is another order than the one known by its id, or may be, touches nothing of that one (decision 123)."""
    doubtful = {
        position: one
        for position, one in judged.aside.items()
        if one.kind == setting_aside.MALFORMED and one.upstream_id is not None
    }
    if not doubtful:
        return
    here = store.known_numbers(
        terms.source, [one.upstream_id for one in doubtful.values() if one.upstream_id]
    )
    for position, one in doubtful.items():
        judged.aside[position] = setting_aside.apart(
            one,
            here=here.get(one.upstream_id or 0),
            configured=terms.configured,
            beside=terms.beside or setting_aside.nobodys(one.payload, terms.configured),
        )


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


def _name_others(records: Sequence[Any], judged: _Judged, source: str) -> None:
    """That it is another order than the one here says more of what is set aside for another reason already."""
    doubtful = {position: wire for position, wire in judged.read.items() if position in judged.aside}
    here = store.already_here(source, [wire.pk for wire in doubtful.values()])
    for position, wire in doubtful.items():
        if here.get(wire.pk, wire.number) != wire.number:
            judged.aside[position] = setting_aside.another_order(
                records[position], wire.pk, wire.number, here[wire.pk]
            )


def _keep_apart(judged: _Judged, numbers: Mapping[int, str]) -> None:
    """Set aside what is ready and comes under the id of an order that has another number here."""
    for position, order in list(judged.ready.items()):
        here = numbers.get(order.upstream_id, order.number)
        if here != order.number:
            judged.aside[position] = setting_aside.another_order(
                order.raw, order.upstream_id, order.number, here
            )
            del judged.ready[position]


def _resolve(
    records: Sequence[Any], judged: _Judged, source: str, configured: Configured, *, preview: bool
) -> None:
    taken = [
        position
        for position in judged.read
        if position not in judged.refused and position not in judged.aside
    ]
    if not taken:
        return
    found = places.resolve(source, [reading.asked(judged.read[position]) for position in taken])
    usable = []
    for position, place in zip(taken, found, strict=True):
        if place.unknown is not None:
            judged.aside[position] = setting_aside.unknown_place(
                records[position], judged.read[position], place.unknown
            )
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


def _write(judged: _Judged, terms: _Terms) -> orders.UpsertResult:
    source, now, beyond = terms.source, terms.now, terms.beyond
    refused = [
        (judged.read[position].pk, judged.read[position].number, rule, judged.read[position].modified_date)
        for position, rule in judged.refused.items()
    ]
    with transaction.atomic():
        ready = list(judged.ready.values())
        result = orders.upsert(ready, now=now, beyond=beyond, renames=terms.renames)
        if result.others:
            _keep_apart(judged, {upstream_id: number for (_, upstream_id), number in result.others.items()})
        written = {*result.created, *result.updated}
        settled = [
            store.Settled(
                order.upstream_id,
                "taken",
                order.upstream_modified_at,
                is_new=result.ids.get((source, order.upstream_id)) in written,
            )
            for order in judged.ready.values()
        ]
        settled += [store.Settled(pk, verdicts.FILTERED, modified) for pk, _, _, modified in refused]
        store.settle(source, settled, now=now, beyond=beyond)
        store.quarantine(source, judged.aside.values(), now=now, beyond=beyond)
        store.note_not_taken(source, refused, now=now, beyond=beyond)
    return result


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

"""What this OMS said of packages last, laid beside its own rows; and rows put back that nothing it said has changed.

Every change of a package's lines or worth is told by an event with the next sequence, whose payload is kept as it was sent. So rows that
differ from what was told with the package's very sequence were changed by nothing this system does. Source: `docs/decisions/0122-own-word.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from ambar.kit.money import dec
from ambar.oms.handover import restoring
from ambar.oms.handover.domain.restoring import GIVEN_UP, noted
from ambar.oms.orders.cancelling_store import lock_orders

CENT = Decimal("0.01")

WORDS = """
SELECT p.id, e.payload FROM oms_packages_package p
 CROSS JOIN LATERAL (SELECT w.sequence, w.payload, w.created_at FROM outbox_event w
                      WHERE w.kind = 'package' AND w.aggregate_id = p.id AND w.payload <> '' ORDER BY w.sequence DESC LIMIT 1) e
 WHERE p.sequence = (SELECT max(l.sequence) FILTER (WHERE l.sequence <= e.sequence OR l.created_at = e.created_at)
                       FROM outbox_event l WHERE l.kind = 'package' AND l.aggregate_id = p.id)"""
"""Packages with the payload of the last event that has one, where everything told after it was told with it: one change of state is told
by several events, of which those nobody listens to keep no payload (`docs/decisions/0111-what-nobody-hears.md`)."""


def words(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Package id → its record as it was told last, where nothing of it was told since and that is still kept."""
    with connection.cursor() as cursor:
        cursor.execute(f"{WORDS} AND p.id = ANY(%s)", [list(package_ids)])
        return {pk: orjson.loads(payload) for pk, payload in cursor.fetchall()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of a package; `quantity` as events tell it, with two digits."""

    id: int
    order_item_id: int
    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    id: int
    order_id: int
    state: int


@dataclass(slots=True, kw_only=True)
class _Writes:
    """What stands here (lines with their packages, open units by order line, products by SKU), and what is to be written: rows of
    lines, and the worth of packages.
    """

    lines: Mapping[int, tuple[int, _Line]]
    open_units: dict[int, Decimal]
    products: Mapping[str, int]
    changed: list[tuple[int, int, Decimal]] = field(default_factory=list)
    missing: list[dict[str, Any]] = field(default_factory=list)
    amounts: dict[int, str] = field(default_factory=dict)


_HERE = """
SELECT p.id, p.number, p.order_id, p.state, p.amount::text FROM oms_packages_package p
 WHERE p.number = ANY(%s) ORDER BY p.id FOR NO KEY UPDATE"""
_LINES = """
SELECT i.package_id, i.id, i.order_item_id, pr.sku, round(i.quantity, 2)
  FROM oms_packages_packageitem i JOIN oms_catalogue_product pr ON pr.id = i.product_id
 WHERE i.package_id = ANY(%s) OR i.id = ANY(%s)"""
_CHANGE = """
UPDATE oms_packages_packageitem i
   SET quantity = w.quantity, product_id = pr.id, unit_weight = pr.weight, modified_at = %s
  FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS w(id, product_id, quantity)
  JOIN oms_catalogue_product pr ON pr.id = w.product_id WHERE i.id = w.id"""
_AMOUNTS = """
UPDATE oms_packages_package p SET amount = w.amount, modified_at = %s
  FROM unnest(%s::bigint[], %s::numeric[]) AS w(id, amount) WHERE p.id = w.id"""


def put_back(numbers: Sequence[str], *, now: datetime) -> dict[str, str]:
    """Put lines and worth of these packages back as this OMS told them last, in the caller's transaction; number → why it could not.

    Stock and quota are not moved: they followed what was told. Orders are locked first, as by every command.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT order_id FROM oms_packages_package WHERE number = ANY(%s)", [list(numbers)])
        order_ids = {row[0] for row in cursor.fetchall()}
        lock_orders(order_ids)
        cursor.execute(_HERE, [list(numbers)])
        here = cursor.fetchall()
        told = words([row[0] for row in here])
        named = [item["id"] for word in told.values() for item in word["packageitem_set"]]
        cursor.execute(_LINES, [[row[0] for row in here], named])
        lines = {
            row[1]: (row[0], _Line(id=row[1], order_item_id=row[2], sku=row[3], quantity=row[4]))
            for row in cursor.fetchall()
        }
    writes = _Writes(
        lines=lines,
        open_units=restoring.open_by_line(order_ids),
        products=restoring.products(line.sku for word in told.values() for line in _told(word)),
    )
    refused: dict[str, str] = {}
    for pk, number, order_id, state, amount in here:
        if pk not in told:
            refused[number] = "What was told of it last is not kept any more; a person has to look."
            continue
        reason = _one(_Package(id=pk, order_id=order_id, state=state), told[pk], writes)
        if reason:
            refused[number] = reason
        elif dec(told[pk]["amount"]) != dec(amount):
            writes.amounts[pk] = told[pk]["amount"]
    _write(writes, now)
    return refused


def _told(word: Mapping[str, Any]) -> list[_Line]:
    return [
        _Line(
            id=item["id"], order_item_id=item["order_item"]["id"], sku=item["order_item"]["product"]["sku"],
            quantity=dec(item["quantity"]),
        )
        for item in word["packageitem_set"]
    ]  # fmt: skip


def _one(package: _Package, word: Mapping[str, Any], writes: _Writes) -> str:
    """What has to be written of one package, into `writes`; or why nothing of it can be."""
    told = {line.id: line for line in _told(word)}
    mine = {line.id: line for owner, line in writes.lines.values() if owner == package.id}
    if any(line.quantity > 0 and pk not in told for pk, line in mine.items()):
        return "It holds a line that its last event does not name; a person has to look."
    more: dict[int, Decimal] = {}
    changed: list[tuple[int, int, Decimal]] = []
    missing: list[dict[str, Any]] = []
    extra = {item["id"]: noted(item) for item in word["packageitem_set"]}
    for pk, line in told.items():
        if line.sku not in writes.products:
            return f"Product {line.sku} is unknown here."
        if line.order_item_id not in writes.open_units:
            return f"Its line {line.sku} is not in the order here."
        if pk in writes.lines and pk not in mine:
            return "A line of it stands in another package; a person has to look."
        before = mine[pk].quantity if pk in mine else Decimal(0)
        if package.state not in GIVEN_UP:
            more[line.order_item_id] = more.get(line.order_item_id, Decimal(0)) + line.quantity - before
        if pk not in mine:
            missing.append(
                {
                    "id": pk, "package_id": package.id, "order_item_id": line.order_item_id, "order_id": package.order_id,
                    "product_id": writes.products[line.sku], "quantity": str(line.quantity), "state": package.state,
                    "extra_data": extra[pk],
                }
            )  # fmt: skip
        elif mine[pk].order_item_id != line.order_item_id:
            return "A line of it is of another order line than was told; a person has to look."
        elif (mine[pk].sku, mine[pk].quantity) != (line.sku, line.quantity):
            changed.append((pk, writes.products[line.sku], line.quantity))
    for item_id, units in more.items():
        if units > 0 and units - writes.open_units[item_id] >= CENT:
            return f"{units} more would stand in two packages: {writes.open_units[item_id]} are open."
    for item_id, units in more.items():
        writes.open_units[item_id] -= units
    writes.changed += changed
    writes.missing += missing
    return ""


def _write(writes: _Writes, now: datetime) -> None:
    with connection.cursor() as cursor:
        if writes.changed:
            cursor.execute(_CHANGE, [now, *(list(column) for column in zip(*writes.changed, strict=True))])
        if writes.amounts:
            cursor.execute(_AMOUNTS, [now, list(writes.amounts), list(writes.amounts.values())])
    if writes.missing:
        restoring.insert_lines(writes.missing, now=now)

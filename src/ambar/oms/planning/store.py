"""What planning writes: snapshots, attempts, exclusions. One statement per set, in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import orjson
from django.db import connection

from ambar.kit import prepared
from ambar.oms.planning import attempts
from ambar.oms.planning.attempts import Packed
from ambar.oms.planning.seeing import Places
from ambar.oms.scenarios.domain.rules import Rules
from ambar.oms.states.domain.codes import PackageStatus

KNOWN_SNAPSHOTS = "SELECT hash FROM oms_planning_snapshot WHERE hash = ANY(%s)"
SNAPSHOT = """
INSERT INTO oms_planning_snapshot (hash, kind, body, created_at) VALUES (%s, %s, %s::jsonb, %s) ON CONFLICT DO NOTHING
"""
DECISIONS = """
INSERT INTO oms_planning_decision
    (order_id, at, outcome, scenario_id, order_hash, rules_hash, view_hash, digest, body, times)
SELECT order_id, %s::timestamptz, outcome, NULLIF(scenario_id, 0), order_hash, %s::text, %s::text, digest, body, 1
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %b::bytea[])
    AS row (order_id, outcome, scenario_id, order_hash, digest, body)
RETURNING id
"""
LAST = """
SELECT DISTINCT ON (order_id, order_hash) id, order_id, order_hash, outcome, rules_hash, view_hash, digest
FROM oms_planning_decision WHERE order_id = ANY(%s) AND order_hash = ANY(%s)
ORDER BY order_id, order_hash, id DESC
"""
AGAIN = "UPDATE oms_planning_decision SET times = times + 1, last_at = %s WHERE id = ANY(%s)"
EXCLUDE = """
INSERT INTO oms_planning_exclusion (order_item_id, location_id, reason, at)
SELECT order_item_id, location_id, reason, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS row (order_item_id, location_id, reason)
ORDER BY 1, 2 ON CONFLICT (order_item_id, location_id) DO UPDATE SET reason = excluded.reason, at = excluded.at
"""
EXCLUDED = (
    "SELECT order_item_id, location_id, reason FROM oms_planning_exclusion WHERE order_item_id = ANY(%s)"
)

SHORT_OF = """
WITH free AS (
    SELECT product_id, sum(on_hand - reserved) AS available FROM oms_stock_balance
    WHERE product_id = ANY(%(products)s) AND on_hand > reserved GROUP BY product_id
), short AS (
    SELECT package.order_id, item.product_id, sum(item.quantity) AS quantity
    FROM oms_orders_order o JOIN oms_packages_package package ON package.order_id = o.id
    JOIN oms_packages_packageitem item ON item.package_id = package.id
    WHERE o.planning_state = 'out_of_stock' AND o.state >= 400 AND o.state < 500
      AND item.state = %(out_of_stock)s AND item.product_id = ANY(%(products)s)
    GROUP BY 1, 2
), queued AS (
    SELECT *, sum(quantity) OVER (PARTITION BY product_id ORDER BY order_id) - quantity AS before FROM short
)
SELECT DISTINCT order_id FROM queued JOIN free USING (product_id) WHERE before < available + %(beyond)s
"""
BEYOND = 500
"""Units of a product that are asked for beyond what arrived, for not every order that waits can take its share."""


def keep_snapshots(rules: Rules, known: Places, *, now: datetime) -> None:
    """Store the rules and the locations once per content."""
    missing = {rules.hash, known.hash}
    with prepared.cursor() as cursor:
        cursor.execute(KNOWN_SNAPSHOTS, [list(missing)])
        missing -= {row[0] for row in cursor.fetchall()}
        if rules.hash in missing:
            cursor.execute(SNAPSHOT, [rules.hash, "rules", orjson.dumps(rules.source).decode(), now])
        if known.hash in missing:
            cursor.execute(SNAPSHOT, [known.hash, "locations", known.source.decode(), now])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision to store. `repeats`: the order was asked before, so the same attempt may stand there already."""

    order_id: int
    outcome: str
    scenario_id: int | None
    packed: Packed
    repeats: bool = False


def add_decisions(
    rows: Sequence[NewDecision], *, rules_hash: str, view_hash: str, now: datetime
) -> list[int]:
    """Store attempts; answers the decision ids in the given order.

    An attempt that asked the same, under the same rules and locations, and came to the same as the last one with this
    question is counted on that one instead (`docs/decisions/0027-attempts.md`).
    """
    stands = _standing(rows, rules_hash, view_hash)
    if stands:
        with connection.cursor() as cursor:
            cursor.execute(AGAIN, [now, sorted(set(stands.values()))])
    new = [row for place, row in enumerate(rows) if place not in stands]
    made = iter(_insert(new, rules_hash, view_hash, now))
    return [stands[place] if place in stands else next(made) for place in range(len(rows))]


def _standing(rows: Sequence[NewDecision], rules_hash: str, view_hash: str) -> dict[int, int]:
    """`{place in rows: id of the same attempt}`."""
    asked = {place: row for place, row in enumerate(rows) if row.repeats}
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            LAST,
            [[row.order_id for row in asked.values()], [row.packed.asked_hash for row in asked.values()]],
        )
        last = {(row[1], row[2]): (row[0], tuple(row[3:])) for row in cursor.fetchall()}
    same = {}
    for place, row in asked.items():
        found = last.get((row.order_id, row.packed.asked_hash))
        if found is not None and found[1] == (row.outcome, rules_hash, view_hash, row.packed.digest):
            same[place] = found[0]
    return same


def _insert(rows: Sequence[NewDecision], rules_hash: str, view_hash: str, now: datetime) -> list[int]:
    if not rows:
        return []
    with prepared.cursor() as cursor:
        cursor.execute(
            DECISIONS,
            [
                now,
                rules_hash,
                view_hash,
                prepared.numbers(row.order_id for row in rows),
                prepared.words(row.outcome for row in rows),
                prepared.numbers(row.scenario_id or 0 for row in rows),
                prepared.words(row.packed.asked_hash for row in rows),
                prepared.words(row.packed.digest for row in rows),
                [row.packed.body for row in rows],
            ],
        )
        return [row[0] for row in cursor.fetchall()]


Group = tuple[int, Sequence[tuple[int, int, Decimal]]]
"""(location, items as (order item, product, quantity)): what a person assigned to one location."""


def add_manual(
    order_id: int, groups: Sequence[Group], *, package_id: int, user_id: int | None, now: datetime
) -> int:
    """Record that a person assigned the items of a package to locations; answers the decision id.

    Source: "Akinon OMS: Manual Planning". Replay passes such decisions by.
    """
    body = {
        "package": package_id,
        "user": user_id,
        "groups": [
            [location, [[item, product, f"{quantity.normalize():f}"] for item, product, quantity in items]]
            for location, items in groups
        ],
    }
    row = NewDecision(
        order_id=order_id, outcome="manual", scenario_id=None, packed=attempts.packed_manual(body)
    )
    return _insert([row], "", "", now)[0]


def exclude(rows: Iterable[tuple[int, int, str]], *, now: datetime) -> None:
    """From now on these locations never get these order items: `(order item, location, reason shown)`."""
    given = {(row[0], row[1]): row[2] for row in rows}
    if given:
        keys = sorted(given)
        with connection.cursor() as cursor:
            cursor.execute(
                EXCLUDE,
                [now, [key[0] for key in keys], [key[1] for key in keys], [given[key] for key in keys]],
            )


def excluded(order_item_ids: Collection[int]) -> Mapping[int, dict[int, str]]:
    """`{order item: {location: reason}}`."""
    found: dict[int, dict[int, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(EXCLUDED, [list(order_item_ids)])
        for item, location, reason in cursor.fetchall():
            found.setdefault(item, {})[location] = reason
    return found


def short_of(product_ids: Collection[int]) -> list[int]:
    """The orders that wait out of stock for these products, the oldest first, as many as the stock may serve."""
    values = {
        "products": list(product_ids),
        "out_of_stock": int(PackageStatus.OUT_OF_STOCK),
        "beyond": BEYOND,
    }
    with connection.cursor() as cursor:
        cursor.execute(SHORT_OF, values)
        return sorted(row[0] for row in cursor.fetchall())

"""What must be true of the whole OMS whatever anybody did, and a picture of all its tables.

`wrong()` names everything that is not as it must be; `picture()` is equal before and after something that changed
nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from ambar.oms.handover.own_word import WORDS
from ambar.oms.packages.domain import events
from ambar.oms.packages.holders import counted_quota
from ambar.oms.stock import queries as stock

_NOTED = "django_|auth_|accounts_token|accounts_auditentry|procrastinate_"
"""Tables of Django, of the queue, and those a refused call may write: when a token was used, who reached for what."""


def picture(*, besides: Collection[str] = ()) -> dict[str, tuple[int, str]]:
    """(rows, checksum) of every table, except those a refused call may write and `besides`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ %s ORDER BY 1",
            [f"^({_NOTED})"],
        )
        names = [row[0] for row in cursor.fetchall() if row[0] not in besides]
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
                for name in names
            )
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> list[str]:
    """The tables that differ."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


_HELD = """
SELECT holder_id, location_id, sum(quantity) AS quantity FROM oms_stock_ledgerentry
 WHERE holder_kind = '{kind}' AND kind <> 'stock' GROUP BY 1, 2 HAVING sum(quantity) <> 0"""
_SPECIFIC = ", ".join(f"({int(state)}, '{name}')" for state, name in sorted(events.OF_STATE.items()))
_LAST_LOG = """
(SELECT s.enum_value FROM oms_states_transitionlog l JOIN oms_states_state s ON s.id = l.new_state_id
  WHERE l.kind = '{kind}' AND l.object_id = r.id ORDER BY l.id DESC LIMIT 1)"""
_LAST_EVENT = """
(SELECT coalesce(max(e.sequence), 0) FROM outbox_event e WHERE e.kind = '{kind}' AND e.aggregate_id = r.id)"""

RULES: dict[str, str] = {
    "packages are as their last event told them": f"""
        SELECT p.number, p.sequence, p.amount, told.payload FROM oms_packages_package p JOIN ({WORDS}) told USING (id)
         WHERE (told.payload::jsonb ->> 'amount')::numeric <> p.amount OR
           (SELECT jsonb_agg(jsonb_build_array(i -> 'id', i #> '{{order_item,product,sku}}', i -> 'quantity') ORDER BY i -> 'id')
              FROM jsonb_array_elements(told.payload::jsonb -> 'packageitem_set') i)
           IS DISTINCT FROM
           (SELECT jsonb_agg(jsonb_build_array(i.id, pr.sku, round(i.quantity, 2)::text) ORDER BY to_jsonb(i.id))
              FROM oms_packages_packageitem i JOIN oms_catalogue_product pr ON pr.id = i.product_id
             WHERE i.package_id = p.id AND i.quantity > 0)""",
    "items follow their package": """
        SELECT p.number, p.state, i.id, i.state
          FROM oms_packages_packageitem i JOIN oms_packages_package p ON p.id = i.package_id
         WHERE i.state <> CASE WHEN i.quantity = 0 THEN 900 ELSE p.state END""",
    "items follow their transfer": """
        SELECT t.number, t.state, i.id, i.state
          FROM oms_transfers_transferitem i JOIN oms_transfers_transfer t ON t.id = i.transfer_id
         WHERE i.state <> t.state
           AND NOT (t.state IN ('cancelled', 'out_of_stock') AND i.state IN ('cancelled', 'out_of_stock'))""",
    "each log row begins where the one before ended": """
        SELECT kind, object_id, id FROM (
          SELECT kind, object_id, id, old_state_id,
                 lag(new_state_id) OVER (PARTITION BY kind, object_id ORDER BY id) AS before
            FROM oms_states_transitionlog) steps
         WHERE old_state_id IS DISTINCT FROM before""",
    "the log of a package ends where it stands": f"""
        SELECT r.number, r.state FROM oms_packages_package r
         WHERE r.state::text IS DISTINCT FROM {_LAST_LOG.format(kind="package")}""",
    "the log of a transfer ends where it stands": f"""
        SELECT r.number, r.state FROM oms_transfers_transfer r
         WHERE r.state IS DISTINCT FROM {_LAST_LOG.format(kind="transfer")}""",
    "events are counted without a gap": """
        SELECT kind, aggregate_id, array_agg(sequence ORDER BY sequence) FROM outbox_event GROUP BY 1, 2
        HAVING min(sequence) <> 1 OR max(sequence) <> count(*) OR count(DISTINCT sequence) <> count(*)""",
    "a package counts its events": f"""
        SELECT r.number, r.sequence FROM oms_packages_package r
         WHERE r.sequence <> {_LAST_EVENT.format(kind="package")}""",
    "a transfer counts its events": f"""
        SELECT r.number, r.sequence FROM oms_transfers_transfer r
         WHERE r.sequence <> {_LAST_EVENT.format(kind="transfer")}""",
    "a parcel counts its events": f"""
        SELECT r.id, r.sequence FROM oms_shipments_shipment r
         WHERE r.sequence <> {_LAST_EVENT.format(kind="shipment")}""",
    "one transitioned event for each change of a package": """
        SELECT p.number, e.told, l.moved, l.kept FROM oms_packages_package p
         CROSS JOIN LATERAL (SELECT count(*) AS told FROM outbox_event
                              WHERE kind = 'package' AND aggregate_id = p.id
                                AND type = 'package.status.transitioned') e
         CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE old_state_id <> new_state_id) AS moved,
                                    count(*) FILTER (WHERE old_state_id = new_state_id) AS kept
                               FROM oms_states_transitionlog WHERE kind = 'package' AND object_id = p.id) l
         WHERE e.told NOT BETWEEN l.moved AND l.moved + l.kept""",
    "one specific event for each change into a state that has one": f"""
        SELECT p.number, of_state.type FROM oms_packages_package p
         CROSS JOIN (VALUES {_SPECIFIC}) AS of_state(state, type)
         WHERE (SELECT count(*) FROM outbox_event
                 WHERE kind = 'package' AND aggregate_id = p.id AND type = of_state.type)
            <> (SELECT count(*) FROM oms_states_transitionlog l JOIN oms_states_state s ON s.id = l.new_state_id
                 WHERE l.kind = 'package' AND l.object_id = p.id AND s.enum_value = of_state.state::text
                   AND CASE WHEN l.old_state_id IS NULL THEN of_state.state = 920
                            ELSE l.old_state_id <> l.new_state_id END)""",
    "open packages hold what they need, at their place, and others nothing": f"""
        WITH held AS ({_HELD.format(kind="package_item")}),
        coming AS (
          SELECT i.package_item_id AS id, sum(i.quantity) AS quantity
            FROM oms_transfers_transferitem i JOIN oms_transfers_transfer t ON t.id = i.transfer_id
           WHERE t.state IN ('waiting', 'ready_to_shipment', 'in_transit') GROUP BY 1),
        needed AS (
          SELECT i.id, p.number, p.state, p.location_id, coalesce(c.quantity, 0) AS coming,
                 CASE WHEN (p.state < 500 OR p.state = 930) AND i.stock_taken_at IS NULL THEN i.quantity ELSE 0 END
                   AS quantity
            FROM oms_packages_packageitem i JOIN oms_packages_package p ON p.id = i.package_id
            LEFT JOIN coming c ON c.id = i.id)
        SELECT n.number, n.state, n.id, n.quantity, h.quantity, h.location_id, n.coming
          FROM needed n FULL JOIN held h ON h.holder_id = n.id
         WHERE n.id IS NULL OR h.location_id <> n.location_id OR coalesce(h.quantity, 0) > n.quantity
            OR coalesce(h.quantity, 0) + n.coming < n.quantity""",
    "transfers under way hold their goods at the source, and others nothing": f"""
        WITH held AS ({_HELD.format(kind="transfer_item")}),
        needed AS (
          SELECT i.id, t.number, t.state, t.source_id,
                 CASE WHEN t.state IN ('waiting', 'ready_to_shipment', 'in_transit') THEN i.quantity ELSE 0 END
                   AS quantity
            FROM oms_transfers_transferitem i JOIN oms_transfers_transfer t ON t.id = i.transfer_id)
        SELECT n.number, n.state, n.id, n.quantity, h.quantity, h.location_id
          FROM needed n FULL JOIN held h ON h.holder_id = n.id
         WHERE n.id IS NULL OR h.location_id <> n.source_id OR coalesce(h.quantity, 0) <> n.quantity""",
    "what left the shelf left it once": """
        SELECT p.number, p.state, i.id, i.quantity, used.quantity
          FROM oms_packages_packageitem i JOIN oms_packages_package p ON p.id = i.package_id
          LEFT JOIN LATERAL (
            SELECT sum(quantity) AS quantity FROM oms_stock_ledgerentry e
             WHERE e.holder_kind = 'package_item' AND e.holder_id = i.id AND e.kind IN ('consume', 'stock')) used ON true
         WHERE p.state NOT IN (740, 900, 910, 920, 1100)
           AND coalesce(used.quantity, 0) <> CASE WHEN i.stock_taken_at IS NULL THEN 0 ELSE -i.quantity END""",
    "what is packed has left the shelf": """
        SELECT p.number, p.state, i.id
          FROM oms_packages_packageitem i JOIN oms_packages_package p ON p.id = i.package_id
         WHERE p.state IN (500, 600, 620, 640, 660, 700, 800) AND i.quantity > 0 AND i.stock_taken_at IS NULL""",
    "a package is worth what it holds": """
        SELECT p.number, p.amount, held.amount FROM oms_packages_package p
          JOIN LATERAL (
            SELECT sum(round(coalesce(o.worth, o.price) * i.quantity / o.quantity, 2)) AS amount
              FROM oms_packages_packageitem i JOIN oms_orders_orderitem o ON o.id = i.order_item_id
             WHERE i.package_id = p.id) held ON true
         WHERE p.state <> 900 AND p.amount <> held.amount""",
    "no unit is in two packages": """
        SELECT o.id, o.quantity, o.cancelled_quantity, sum(i.quantity)
          FROM oms_orders_orderitem o JOIN oms_packages_packageitem i ON i.order_item_id = o.id
          JOIN oms_packages_package p ON p.id = i.package_id
         WHERE p.state <> 900 GROUP BY o.id HAVING sum(i.quantity) > o.quantity - o.cancelled_quantity""",
}
EVERY_UNIT = """
SELECT r.number, o.id, r.planning_state, o.quantity, o.cancelled_quantity, planned.quantity
  FROM oms_orders_orderitem o JOIN oms_orders_order r ON r.id = o.order_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(i.quantity), 0) AS quantity,
           coalesce(sum(i.quantity) FILTER (WHERE p.state NOT IN (910, 920)), 0) AS supplied
      FROM oms_packages_packageitem i JOIN oms_packages_package p ON p.id = i.package_id
     WHERE i.order_item_id = o.id AND p.state <> 900) planned
 WHERE NOT o.is_head AND o.state <> 600 AND (
   (o.quantity <> o.cancelled_quantity + planned.quantity AND r.planning_state NOT IN ('new', 'hold', 'pending'))
   OR (o.quantity <> o.cancelled_quantity + planned.supplied AND r.planning_state = 'planned'))"""
"""ordered = planned + cancelled, or the planner still has the order on its list; what stands out of stock is on it too.

Refunded lines are left out: Packed for Refund settles a line whole, also units of it that were in no package yet.
"""


def wrong(*, every_unit: bool = False) -> dict[str, list[object]]:
    """What is not as it must be, by rule; empty when all is well.

    :param every_unit: also that no ordered unit is forgotten, where the orders went through the planner.
    """
    found: dict[str, list[object]] = {}
    rules = (
        {**RULES, "every ordered unit is planned, cancelled or on the list": EVERY_UNIT}
        if every_unit
        else RULES
    )
    with connection.cursor() as cursor:
        for name, sql in rules.items():
            cursor.execute(sql)
            if rows := cursor.fetchall():
                found[name] = list(rows)
        cursor.execute("SELECT location_id, used FROM oms_locations_quotaused WHERE used <> 0")
        used = dict(cursor.fetchall())
    if used != counted_quota():
        found["used quota is the count of packages that count"] = [used, counted_quota()]
    if differences := stock.check():
        found["balances are what the ledger adds up to"] = list(differences)
    return found

"""How many of the last orders a condition matches, asked of the database in one statement."""

from dataclasses import replace
from typing import Any

from django.db import connection

from ambar.kit.conditions import Asked, Fields, parse
from ambar.oms.scenarios.domain import fields

LAST_ORDERS = 1000
LIVING = "i.state NOT IN (50, 100, 425, 600) AND NOT i.is_head AND i.quantity > i.cancelled_quantity"
"""States of order items that are no longer to be supplied."""
ORDER_SQL = {
    "number": "o.number",
    "channel_id": "o.channel_id",
    "channel": "(SELECT name FROM oms_catalogue_channel c WHERE c.id = o.channel_id)",
    "channel_type": "(SELECT channel_type FROM oms_catalogue_channel c WHERE c.id = o.channel_id)",
    "cargo_company": "o.cargo_company",
    "shipping_option": "o.shipping_option_slug",
    "payment_type": "o.payment_type",
    "customer_type": (
        "CASE WHEN jsonb_typeof(o.customer -> 'type') IN ('string', 'number', 'boolean')"
        " THEN o.customer ->> 'type' END"
    ),
    "delivery_type": "o.delivery_type",
    "amount": "(o.amount - o.cancelled_amount)",
    "currency": "o.currency",
    "country_id": "o.country_id",
    "city_id": "o.city_id",
    "township_id": "o.township_id",
    "line_count": f"(SELECT count(*) FROM oms_orders_orderitem i WHERE i.order_id = o.id AND {LIVING})",
    "unit_count": (
        "(SELECT COALESCE(sum(i.quantity - i.cancelled_quantity), 0) FROM oms_orders_orderitem i"
        f" WHERE i.order_id = o.id AND {LIVING})"
    ),
}
PRODUCT_SQL = {
    "sku": "p.sku",
    "name": "p.name",
    "barcode": "p.barcode",
    "weight": "p.weight",
    "attributes.*": "p.attributes -> %s",
    "line.*": "i.attributes -> %s",
}
ORDER = Fields(replace(field, sql=ORDER_SQL[field.name]) for field in fields.ORDER)
PRODUCT = Fields(replace(field, sql=PRODUCT_SQL[field.name]) for field in fields.PRODUCT)
LAST = "SELECT * FROM oms_orders_order ORDER BY id DESC LIMIT %s"


RECENT_ORDERS = 10_000
MOST_VALUES = 200


def known_values(name: str) -> list[str]:
    """What the last 10,000 orders had in a field of `fields.ORDER`, the most frequent first; at most 200."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT said FROM (SELECT ({ORDER_SQL[name]})::text AS said
                FROM (SELECT * FROM oms_orders_order ORDER BY id DESC LIMIT %s) AS o) AS values
            WHERE said <> '' GROUP BY said ORDER BY count(*) DESC, said LIMIT %s""",
            [RECENT_ORDERS, MOST_VALUES],
        )
        return [row[0] for row in cursor.fetchall()]


def count_orders(tree: Any) -> tuple[int, int]:
    """`(matching, looked at)` among the last 1,000 orders. Cancelled lines do not count, as in planning."""
    asked = Asked()
    expression, parameters = parse(tree, ORDER, at="tree").to_sql(asked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FILTER (WHERE {expression}), count(*)
            FROM (SELECT {asked.columns} FROM ({LAST}) AS o OFFSET 0) AS asked""",
            [*parameters, *asked.parameters, LAST_ORDERS],
        )
        matching, looked_at = cursor.fetchone()
    return matching, looked_at


def count_orders_with_product(tree: Any) -> tuple[int, int, int]:
    """`(orders with a matching line, orders looked at, matching lines)` among the last 1,000 orders."""
    asked = Asked()
    expression, parameters = parse(tree, PRODUCT, at="tree").to_sql(asked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(DISTINCT order_id) FILTER (WHERE holds), count(DISTINCT order_id),
                count(*) FILTER (WHERE holds)
            FROM (SELECT order_id, line_id IS NOT NULL AND {expression} AS holds FROM (
                SELECT o.id AS order_id, i.id AS line_id, {asked.columns} FROM ({LAST}) AS o
                LEFT JOIN oms_orders_orderitem i ON i.order_id = o.id AND {LIVING}
                LEFT JOIN oms_catalogue_product p ON p.id = i.product_id OFFSET 0) AS asked) AS verdicts""",
            [*parameters, *asked.parameters, LAST_ORDERS],
        )
        matching, looked_at, lines = cursor.fetchone()
    return matching, looked_at, lines

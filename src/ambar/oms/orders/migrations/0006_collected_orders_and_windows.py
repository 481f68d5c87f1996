"""The orders that are collected in a store, found without opening the address of each; and when orders are to arrive."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from ambar.oms.orders.domain.delivery_windows import window_of

COLLECTED = (
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS oms_orders_order_collected ON oms_orders_order (id)"
    " WHERE (shipping_address ->> 'retail_store') IS NOT NULL"
)
HOW_MANY = (
    "CREATE STATISTICS IF NOT EXISTS oms_orders_order_collecting ON (shipping_address ->> 'retail_store')"
    " FROM oms_orders_order"
)


def read_windows(apps: Any, schema_editor: Any) -> None:
    """Windows of the orders that are there already; ranges are few words, orders many."""
    orders = apps.get_model("oms_orders", "Order").objects.filter(delivery_range__isnull=False)
    for text in orders.order_by().values_list("delivery_range", flat=True).distinct():
        lower, upper = window_of(text)
        if lower or upper:
            orders.filter(delivery_range=text).update(delivery_from=lower, delivery_until=upper)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("oms_orders", "0005_live_parts_once")]
    operations = [
        migrations.RunSQL(COLLECTED, "DROP INDEX IF EXISTS oms_orders_order_collected"),
        migrations.RunSQL(HOW_MANY, "DROP STATISTICS IF EXISTS oms_orders_order_collecting"),
        migrations.AddField("order", "delivery_from", models.DateTimeField(null=True)),
        migrations.AddField("order", "delivery_until", models.DateTimeField(null=True)),
        migrations.RunPython(read_windows, migrations.RunPython.noop),
        AddIndexConcurrently(
            "order",
            models.Index(
                fields=["delivery_from"],
                name="oms_orders_order_window",
                condition=models.Q(("delivery_from__isnull", False)),
            ),
        ),
    ]

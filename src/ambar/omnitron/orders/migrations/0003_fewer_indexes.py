"""Indexes that others begin with, or that nothing reads, go (decision 107)."""

import django.db.models.deletion
from django.db import migrations, models

OLD_CODE_GOES_ON = "Columns stay as they are: only indexes go, which no statement of any version needs."
WITHOUT_LETTERS = "DROP INDEX IF EXISTS omnitron_orders_order_number_1da99b2d_like;"
OF_LETTERS = """
CREATE INDEX IF NOT EXISTS omnitron_orders_order_number_1da99b2d_like
ON omnitron_orders_order (number varchar_pattern_ops);
"""


def key(to: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(
        to=to, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", **options
    )


class Migration(migrations.Migration):
    dependencies = [
        ("omnitron_catalogue", "0001_initial"),
        ("omnitron_channels", "0001_initial"),
        ("omnitron_customers", "0001_initial"),
        ("omnitron_orders", "0002_indexes_of_what_is_there"),
        ("omnitron_stock", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(WITHOUT_LETTERS, OF_LETTERS),
        migrations.AlterField("order", "billing_address", key("omnitron_customers.address")),
        migrations.AlterField("order", "cargo_company", key("omnitron_channels.cargocompany", null=True)),
        migrations.AlterField("order", "channel", key("omnitron_channels.channel")),
        migrations.AlterField("order", "shipping_address", key("omnitron_customers.address")),
        migrations.AlterField("orderitem", "parent", key("omnitron_orders.orderitem", null=True)),
        migrations.AlterField("orderitem", "price_list", key("omnitron_catalogue.pricelist", null=True)),
        migrations.AlterField("orderitem", "stock_list", key("omnitron_stock.stocklist", null=True)),
    ]

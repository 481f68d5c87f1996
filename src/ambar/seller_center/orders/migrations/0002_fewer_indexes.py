"""Indexes that others begin with, or that nothing reads, go; an item's seller is its order's and needs no key of its own (decision 82)."""

import django.db.models.deletion
from django.db import migrations, models

OTHERS_BEGIN_WITH = """
DROP INDEX IF EXISTS sc_orders_order_seller_id_ef7ae4db;
DROP INDEX IF EXISTS sc_orders_order_delivery_setting_id_b329bb1d;
"""
OF_ITS_OWN = """
CREATE INDEX IF NOT EXISTS sc_orders_order_seller_id_ef7ae4db ON sc_orders_order (seller_id);
CREATE INDEX IF NOT EXISTS sc_orders_order_delivery_setting_id_b329bb1d ON sc_orders_order (delivery_setting_id);
"""
OLD_CODE_GOES_ON = "Columns stay as they are: only indexes and the check of a key go, which no statement of any version names."


def key(to: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(to=to, db_index=False, on_delete=django.db.models.deletion.PROTECT, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("sc_delivery", "0001_initial"),
        ("sc_orders", "0001_initial"),
        ("sc_sellers", "0001_initial"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(OTHERS_BEGIN_WITH, OF_ITS_OWN)],
            [
                migrations.AlterField("order", "delivery_setting", key("sc_delivery.deliverysetting")),
                migrations.AlterField("order", "seller", key("sc_sellers.seller")),
            ],
        ),
        migrations.AlterField("orderitem", "seller", key("sc_sellers.seller", db_constraint=False)),
    ]

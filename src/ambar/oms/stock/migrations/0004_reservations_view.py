"""Current reservations as a view over the ledger; only keys with something reserved are added up."""

import django.db.models.deletion
from django.db import migrations, models

VIEW = """
CREATE VIEW oms_stock_reservation AS
SELECT entry.holder_kind, entry.holder_id, entry.location_id, entry.product_id, sum(entry.quantity) AS quantity,
    max(entry.at) FILTER (WHERE entry.quantity > 0) AS since
FROM oms_stock_ledgerentry entry
JOIN oms_stock_balance balance USING (location_id, product_id)
WHERE entry.kind <> 'stock' AND entry.holder_id IS NOT NULL AND balance.reserved > 0
GROUP BY 1, 2, 3, 4 HAVING sum(entry.quantity) > 0
"""


class Migration(migrations.Migration):
    dependencies = [("oms_stock", "0003_engines_and_imports")]
    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW oms_stock_reservation"),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "holder_kind",
                        "holder_id",
                        "location_id",
                        "product_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("holder_kind", models.CharField(max_length=32)),
                ("holder_id", models.BigIntegerField()),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=16)),
                ("since", models.DateTimeField()),
                (
                    "location",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="oms_locations.stocklocation",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="oms_catalogue.product",
                    ),
                ),
            ],
            options={"db_table": "oms_stock_reservation", "managed": False},
        ),
    ]

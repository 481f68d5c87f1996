"""Balances of a product are found by product and location.

With an index on the product alone, PostgreSQL took it for single balances whenever its statistics came from a time with
one location, and read every location's balance for each: the first import of many locations grew with their square.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oms_stock", "0004_reservations_view")]
    operations = [
        migrations.AddIndex(
            model_name="balance",
            index=models.Index(fields=["product", "location"], name="oms_stock_balance_product"),
        ),
        migrations.AlterField(
            model_name="balance",
            name="product",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="oms_catalogue.product"
            ),
        ),
    ]

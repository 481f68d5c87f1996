"""Few orders name a carrier and few items a parent: the index holds those alone (decision 107)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The tables are in use and may be large.
    atomic = False
    dependencies = [("omnitron_orders", "0001_initial")]
    operations = [
        AddIndexConcurrently(
            "order",
            models.Index(
                fields=["cargo_company"],
                name="omnitron_order_cargo",
                condition=models.Q(cargo_company__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "orderitem",
            models.Index(
                fields=["parent"], name="omnitron_item_parent", condition=models.Q(parent__isnull=False)
            ),
        ),
    ]

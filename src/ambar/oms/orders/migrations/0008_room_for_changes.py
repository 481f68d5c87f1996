"""Pages keep room for the changes of their rows (decision 86)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("oms_orders", "0007_echoes_beside_the_record")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE oms_orders_orderitem SET (fillfactor = 70)",
            "ALTER TABLE oms_orders_orderitem RESET (fillfactor)",
        )
    ]

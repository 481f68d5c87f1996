"""Room on each page for quota rows, which change with every package."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("oms_locations", "0001_initial")]
    operations = [
        migrations.RunSQL("ALTER TABLE oms_locations_quotaused SET (fillfactor = 20)", migrations.RunSQL.noop)
    ]

"""Pages keep room for the changes of their rows (decision 86)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("oms_packages", "0007_copies_without_keys")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE oms_packages_packageitem SET (fillfactor = 70)",
            "ALTER TABLE oms_packages_packageitem RESET (fillfactor)",
        )
    ]

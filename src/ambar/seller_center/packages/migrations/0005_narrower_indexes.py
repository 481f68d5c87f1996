"""Indexes of packages narrowed to what is read, and room for changes beside items: decision 109."""

import django.db.models.functions
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

OLD_CODE_GOES_ON = "indexes only: whatever older code asks is answered the same"

LIVING = models.Q(retired_at__isnull=True)
OF_AN_OMS = models.Q(origin="oms", retired_at__isnull=True)
KEY = django.db.models.functions.Collate(
    django.db.models.functions.Left(django.db.models.functions.MD5("number"), 6), "C"
)


class Migration(migrations.Migration):
    # The table is in use and may be large.
    atomic = False

    dependencies = [("sc_packages", "0004_fewer_indexes")]

    operations = [
        AddIndexConcurrently(
            "package",
            models.Index(
                fields=["seller", "modified_at", "id"], condition=LIVING, name="sc_packages_living_changes"
            ),
        ),
        AddIndexConcurrently(
            "package",
            models.Index(
                fields=["seller", "status", "id"], condition=LIVING, name="sc_packages_living_by_status"
            ),
        ),
        AddIndexConcurrently(
            "package",
            models.Index(fields=["seller", "made_at"], condition=OF_AN_OMS, name="sc_packages_of_oms_made"),
        ),
        AddIndexConcurrently(
            "package",
            models.Index("seller", KEY, condition=OF_AN_OMS, name="sc_packages_of_oms_compared"),
        ),
        RemoveIndexConcurrently("package", "sc_packages_package_changes"),
        RemoveIndexConcurrently("package", "sc_packages_package_by_status"),
        RemoveIndexConcurrently("package", "sc_packages_package_made"),
        RemoveIndexConcurrently("package", "sc_packages_package_compared"),
        migrations.RunSQL(
            "ALTER TABLE sc_packages_packageitem SET (fillfactor = 70)",
            "ALTER TABLE sc_packages_packageitem RESET (fillfactor)",
        ),
    ]

"""Indexes that others begin with, or that nothing reads, go; the seller of an item and of an event is its package's and needs no key (decision 82)."""

import django.db.models.deletion
from django.db import migrations, models

OTHERS_BEGIN_WITH = """
DROP INDEX IF EXISTS sc_packages_package_seller_id_48099130;
DROP INDEX IF EXISTS sc_packages_packagehistory_package_id_ea83c373;
"""
OF_ITS_OWN = """
CREATE INDEX IF NOT EXISTS sc_packages_package_seller_id_48099130 ON sc_packages_package (seller_id);
CREATE INDEX IF NOT EXISTS sc_packages_packagehistory_package_id_ea83c373 ON sc_packages_packagehistory (package_id);
"""
OLD_CODE_GOES_ON = "Columns stay as they are: only indexes and checks of keys go, which no statement of any version names."


def key(to: str, on_delete: object = django.db.models.deletion.PROTECT, **options: object) -> models.ForeignKey:
    return models.ForeignKey(to=to, db_index=False, on_delete=on_delete, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("sc_packages", "0003_lineage"),
        ("sc_sellers", "0001_initial"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(OTHERS_BEGIN_WITH, OF_ITS_OWN)],
            [
                migrations.AlterField("package", "seller", key("sc_sellers.seller")),
                migrations.AlterField(
                    "packagehistory", "package", key("sc_packages.package", django.db.models.deletion.CASCADE)
                ),
            ],
        ),
        migrations.AlterField("packagehistory", "seller", key("sc_sellers.seller", db_constraint=False)),
        migrations.AlterField("packageitem", "order_item_id", models.BigIntegerField(null=True)),
        migrations.AlterField("packageitem", "seller", key("sc_sellers.seller", db_constraint=False)),
    ]

"""Copies of what a package's order and order items say carry no foreign key of their own, and no index is there twice.

Nothing is read or written anew: constraints and indexes go, one index gets a name. `docs/decisions/0061-copies-without-keys.md`
"""

import django.db.models.deletion
from django.db import migrations, models

ONE_INDEX = """
DROP INDEX oms_packages_package_order_number_a06339b5;
ALTER INDEX oms_packages_package_order_number_a06339b5_like RENAME TO oms_packages_order_number;
"""
TWO_INDEXES = """
ALTER INDEX oms_packages_order_number RENAME TO oms_packages_package_order_number_a06339b5_like;
CREATE INDEX oms_packages_package_order_number_a06339b5 ON oms_packages_package (order_number);
"""
UNCHECKED = (
    "ALTER TABLE oms_packages_packageitem DROP CONSTRAINT oms_packages_package_order_id_ed84edfe_fk_oms_order;"
)
CHECKED = """
ALTER TABLE oms_packages_packageitem ADD CONSTRAINT oms_packages_package_order_id_ed84edfe_fk_oms_order
FOREIGN KEY (order_id) REFERENCES oms_orders_order (id) DEFERRABLE INITIALLY DEFERRED;
"""
IN_ANOTHER = """
DROP INDEX oms_packages_packageitem_package_id_aa3e9ccf;
DROP INDEX oms_packages_packageitem_order_id_ed84edfe;
"""
OF_ITS_OWN = """
CREATE INDEX oms_packages_packageitem_package_id_aa3e9ccf ON oms_packages_packageitem (package_id);
CREATE INDEX oms_packages_packageitem_order_id_ed84edfe ON oms_packages_packageitem (order_id);
"""


def key(to: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(to=to, on_delete=django.db.models.deletion.PROTECT, **options)


OLD_CODE_GOES_ON = "Columns stay as they are: only checks of keys and indexes go, which no statement of any version names."


class Migration(migrations.Migration):
    dependencies = [
        ("oms_catalogue", "0001_initial"),
        ("oms_orders", "0006_collected_orders_and_windows"),
        ("oms_packages", "0006_told_and_compared"),
    ]
    operations = [
        migrations.AlterField("package", "channel", key("oms_catalogue.channel", related_name="+", db_constraint=False)),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(UNCHECKED, CHECKED)],
            [
                migrations.AlterField(
                    "packageitem",
                    "order",
                    key("oms_orders.order", related_name="+", db_constraint=False, db_index=False),
                )
            ],
        ),
        migrations.AlterField(
            "packageitem", "product", key("oms_catalogue.product", related_name="+", db_constraint=False)
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ONE_INDEX, TWO_INDEXES), migrations.RunSQL(IN_ANOTHER, OF_ITS_OWN)],
            [
                migrations.AlterField("package", "order_number", models.CharField(max_length=128)),
                migrations.AddIndex(
                    "package",
                    models.Index(
                        fields=["order_number"],
                        name="oms_packages_order_number",
                        opclasses=["varchar_pattern_ops"],
                    ),
                ),
                migrations.AlterField("packageitem", "package", key("oms_packages.package", db_index=False)),
            ],
        ),
    ]

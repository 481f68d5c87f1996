"""Indexes that others begin with, or that nothing reads, go (decision 107)."""

import django.db.models.deletion
from django.db import migrations, models

OLD_CODE_GOES_ON = "Columns stay as they are: only indexes go, which no statement of any version needs."
WITHOUT_LETTERS = """
DROP INDEX IF EXISTS omnitron_customers_customer_email_47807c3b_like;
DROP INDEX IF EXISTS omnitron_customers_customer_phone_number_8bafc4c4_like;
DROP INDEX IF EXISTS omnitron_customers_address_hash_data_2543483c_like;
"""
OF_LETTERS = """
CREATE INDEX IF NOT EXISTS omnitron_customers_customer_email_47807c3b_like
ON omnitron_customers_customer (email varchar_pattern_ops);
CREATE INDEX IF NOT EXISTS omnitron_customers_customer_phone_number_8bafc4c4_like
ON omnitron_customers_customer (phone_number varchar_pattern_ops);
CREATE INDEX IF NOT EXISTS omnitron_customers_address_hash_data_2543483c_like
ON omnitron_customers_address (hash_data varchar_pattern_ops);
"""


def key(to: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(
        to=to, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", **options
    )


class Migration(migrations.Migration):
    dependencies = [
        ("omnitron_channels", "0001_initial"),
        ("omnitron_customers", "0001_initial"),
        ("omnitron_places", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(WITHOUT_LETTERS, OF_LETTERS),
        migrations.AlterField("address", "country", key("omnitron_places.country")),
        migrations.AlterField("address", "district", key("omnitron_places.district", null=True)),
        migrations.AlterField("customer", "channel", key("omnitron_channels.channel")),
    ]

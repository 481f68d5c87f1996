"""Payloads stay in their row as they are, instead of being compressed and put aside first (decision 111)."""

from django.db import migrations

TABLES = ("outbox_event", "outbox_inbox")


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_turns_of_endpoints")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} SET (toast_tuple_target = 8160)",
            f"ALTER TABLE {table} RESET (toast_tuple_target)",
        )
        for table in TABLES
    ]

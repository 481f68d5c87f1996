"""Hooks remember every secret that was replaced within a day, so that all of them sign."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0005_traces")]
    operations = [
        migrations.AddField(
            model_name="hook", name="earlier_secrets", field=models.JSONField(default=list, db_default=[])
        ),
    ]

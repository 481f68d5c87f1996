"""Events remember the trace of the call that made them happen, so that their deliveries go on with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0004_payloads_as_they_are")]
    operations = [
        migrations.AddField(
            model_name="event", name="trace", field=models.TextField(default="", db_default="")
        ),
    ]

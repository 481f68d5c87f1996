"""Decision rows stay whole on their page: squeezing each costs more than the room it saves."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("oms_planning", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE oms_planning_decision SET (toast_tuple_target = 8160)", migrations.RunSQL.noop
        )
    ]

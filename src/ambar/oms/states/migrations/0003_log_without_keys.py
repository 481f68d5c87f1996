"""The log of transitions names states without a check of its own: each change of any record locked the rows of two states.

No state is ever deleted. `docs/decisions/0061-copies-without-keys.md`, `docs/decisions/0116-planned-once.md`
"""

import django.db.models.deletion
from django.db import migrations, models

OLD_CODE_GOES_ON = "Columns stay as they are: only the checks of two keys go, which no statement of any version names."


def state(**options: object) -> models.ForeignKey:
    return models.ForeignKey(
        to="oms_states.state", on_delete=django.db.models.deletion.PROTECT, related_name="+", db_constraint=False, db_index=False,
        **options,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("oms_states", "0002_log_by_new_state")]
    operations = [
        migrations.AlterField("transitionlog", "old_state", state(null=True)),
        migrations.AlterField("transitionlog", "new_state", state()),
    ]

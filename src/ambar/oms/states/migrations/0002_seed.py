from django.db import migrations
from django.utils import timezone


def plant(apps, schema_editor):
    from ambar.oms.states.domain import seed

    State = apps.get_model("oms_states", "State")
    Transition = apps.get_model("oms_states", "StateTransition")
    now = timezone.now()
    State.objects.bulk_create(
        [
            State(
                name=english,
                translations={"en-us": {"name": english}, "tr-tr": {"name": turkish}},
                enum_class=enum_class,
                enum_value=value,
                created_at=now,
                modified_at=now,
            )
            for enum_class, values in seed.STATE_NAMES.items()
            for value, (english, turkish) in values.items()
        ],
        ignore_conflicts=True,
    )
    ids = dict(State.objects.filter(enum_class="PackageStatus").values_list("enum_value", "id"))
    Transition.objects.bulk_create(
        [
            Transition(
                name=english,
                translations={"en-us": {"name": english}, "tr-tr": {"name": turkish}},
                slug=slug,
                kind="package",
                command_code=code,
                source_id=ids[source],
                destination_id=ids[destination],
                created_at=now,
                modified_at=now,
            )
            for slug, english, turkish, code, source, destination in seed.PACKAGE_TRANSITIONS
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("oms_states", "0001_initial")]
    operations = [migrations.RunPython(plant, migrations.RunPython.noop)]

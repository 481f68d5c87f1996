"""Decisions as packed bytes, counted when they repeat; locations that never get an item again.

Decisions made before keep their JSON as it is, now as bytes: the reader knows both forms.
"""

import django.db.models.deletion
from django.db import migrations, models

PACK = """
UPDATE oms_planning_decision
   SET body = convert_to(json_build_object('asked', asked, 'record', record)::text, 'UTF8'),
       digest = md5(asked::text || record::text)
"""
UNPACK = """
UPDATE oms_planning_decision
   SET asked = convert_from(body, 'UTF8')::jsonb -> 'asked', record = convert_from(body, 'UTF8')::jsonb -> 'record'
 WHERE substr(body, 1, 1) = '{'
"""
OUTCOMES = ["planned", "hold", "pending", "unchanged", "manual"]


class Migration(migrations.Migration):
    dependencies = [
        ("oms_planning", "0002_storage"),
        ("oms_locations", "0001_initial"),
        ("oms_orders", "0002_out_of_stock"),
    ]
    operations = [
        migrations.AlterField("decision", "asked", models.JSONField(default=dict)),
        migrations.AlterField("decision", "record", models.JSONField(default=dict)),
        migrations.AddField("decision", "body", models.BinaryField(default=b"")),
        migrations.AddField("decision", "digest", models.CharField(max_length=64, default="")),
        migrations.AddField("decision", "times", models.IntegerField(default=1)),
        migrations.AddField("decision", "last_at", models.DateTimeField(null=True)),
        migrations.RunSQL(PACK, UNPACK),
        migrations.RemoveField("decision", "asked"),
        migrations.RemoveField("decision", "record"),
        migrations.AlterField("decision", "body", models.BinaryField()),
        migrations.AlterField("decision", "digest", models.CharField(max_length=64)),
        migrations.RunSQL(
            "ALTER TABLE oms_planning_decision ALTER COLUMN body SET STORAGE EXTERNAL", migrations.RunSQL.noop
        ),
        migrations.RemoveConstraint("decision", "oms_planning_outcome"),
        migrations.AddConstraint(
            "decision",
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="oms_planning_outcome"),
        ),
        migrations.AddConstraint(
            "decision", models.CheckConstraint(condition=models.Q(times__gte=1), name="oms_planning_times")
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "order_item_id",
                        "location_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "order_item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="oms_orders.orderitem",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="oms_locations.stocklocation",
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]

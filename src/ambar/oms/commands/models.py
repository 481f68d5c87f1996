"""Tables of commands: bulk actions under way and what became of each record."""

from __future__ import annotations

from django.db import models


class BulkAction(models.Model):
    """One transition on many records, carried out in the background; `location_ids` are the caller's own, null = all.

    `parameters` hold for every entry that has none of its own.
    """

    WAITING, RUNNING, DONE, CANCELLED = "waiting", "running", "done", "cancelled"
    OPEN = (WAITING, RUNNING)

    kind = models.CharField(max_length=16)
    slug = models.CharField(max_length=128)
    transition_id = models.BigIntegerField()
    parameters = models.JSONField(default=dict)
    location_ids = models.JSONField(null=True)
    state = models.CharField(max_length=16, default=WAITING)
    records = models.IntegerField()
    done = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                name="oms_commands_open",
                condition=models.Q(state__in=["waiting", "running"]),
            ),
            models.Index(fields=["created_by", "id"], name="oms_commands_of_caller"),
        ]


class BulkEntry(models.Model):
    """A record of a bulk action. `verdict` is null until it had its turn: then as a bulk answer tells it."""

    of = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="entries", db_index=False)
    record_id = models.BigIntegerField()
    parameters = models.JSONField(null=True)
    is_done = models.BooleanField(null=True)
    verdict = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "record_id"], name="oms_commands_record_once")]
        indexes = [
            models.Index(
                fields=["of", "id"],
                name="oms_commands_to_do",
                condition=models.Q(verdict__isnull=True),
            ),
            models.Index(fields=["of", "is_done", "id"], name="oms_commands_outcomes"),
        ]

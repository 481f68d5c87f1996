"""Tables of background work."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Heartbeat(models.Model):
    """A loop of a living worker process; written every few seconds."""

    worker = models.CharField(max_length=120)
    loop = models.CharField(max_length=120)
    at = models.DateTimeField()
    started_at = models.DateTimeField()
    last_round_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "work_heartbeat"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["worker", "loop"], name="work_heartbeat_once")
        ]

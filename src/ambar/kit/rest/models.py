"""Tables of the wire."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class StoredAnswer(models.Model):
    """The answer given to a request that carried an `Idempotency-Key`, kept to be given again."""

    user_id = models.BigIntegerField()
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "rest_idempotency"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_id", "route", "key"], name="rest_idempotency_once")
        ]


class ShedMinute(models.Model):
    """Requests of one minute that were refused because there were too many; see `shed.py`."""

    minute = models.DateTimeField(primary_key=True)
    requests = models.BigIntegerField()

    class Meta:
        db_table = "rest_shed"

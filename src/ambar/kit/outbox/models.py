"""Tables of the outbox and the inbox.

Deliveries, events and attempts carry no database foreign keys: they are written only by the statements of this
package, on its hottest path, and a key on the hook would make every recorder lock the same hook row.
Hooks are never deleted.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Hook(models.Model):
    """One subscription: events of a type go to a URL. Secrets are sealed by the vault.

    `scopes` narrow it: only events that carry one of them, e.g. `channel:5`; empty = all of the type.
    `previous_secret_sealed` is the secret replaced last, `earlier_secrets` those replaced before it that sign still
    (`rotation`).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    target_url = models.CharField(max_length=255)
    is_active = models.BooleanField(default=True)
    secret_sealed = models.TextField(null=True)
    previous_secret_sealed = models.TextField(null=True)
    previous_secret_until = models.DateTimeField(null=True)
    earlier_secrets = models.JSONField(default=list, db_default=[])
    event_type = models.CharField(max_length=124)
    callback = models.CharField(max_length=64, null=True)
    retry_countdown_config = models.JSONField()
    additional_headers = models.JSONField(default=dict)
    config = models.JSONField(default=dict)
    scopes = ArrayField(models.CharField(max_length=64), default=list, db_default=[])
    disabled_reason = models.TextField(default="")
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "target_url", "event_type"], name="outbox_hook_once"),
        ]
        indexes = [
            models.Index(fields=["event_type"], condition=Q(is_active=True), name="outbox_hook_active"),
        ]


class Event(models.Model):
    """What happened, with the payload as the exact text that is sent, empty when nobody listened; `scopes` as words, e.g. `channel:5`;
    `trace`: of the call that made it happen (32 hexadecimal digits), empty when it had none."""

    uuid = models.UUIDField(unique=True)
    type = models.CharField(max_length=124)
    kind = models.CharField(max_length=60)
    aggregate_id = models.BigIntegerField()
    sequence = models.BigIntegerField()
    payload = models.TextField()
    scopes = models.TextField(default="", db_default="")
    trace = models.TextField(default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "aggregate_id", "id"], name="outbox_event_aggregate")]


class DeliveryState(models.IntegerChoices):
    PENDING = 0, "pending"
    DELIVERED = 1, "delivered"
    PARKED = 2, "parked"
    SUPERSEDED = 3, "superseded"


class Delivery(models.Model):
    """One event for one hook. A lane is (hook, kind, aggregate_id), in the order of the ids.

    While a worker holds a pending row, `leased_by` names it and `due_at` is when the lease ends. Superseded: its
    hook collapses, and a newer event of the lane was delivered in its place. `replay_id` names the last replay of it.
    """

    event = models.ForeignKey(
        Event, on_delete=models.DO_NOTHING, db_constraint=False, related_name="deliveries"
    )
    hook = models.ForeignKey(
        Hook, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="deliveries"
    )
    kind = models.CharField(max_length=60)
    aggregate_id = models.BigIntegerField()
    state = models.SmallIntegerField(choices=DeliveryState.choices, default=0)
    attempts = models.SmallIntegerField(default=0)
    attempt_limit = models.SmallIntegerField(default=18)
    due_at = models.DateTimeField()
    leased_by = models.CharField(max_length=120, null=True)
    last_status = models.IntegerField(default=0)
    last_error = models.TextField(default="")
    delivered_at = models.DateTimeField(null=True)
    replay_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=(0, 1, 2, 3)), name="outbox_delivery_state"),
        ]
        indexes = [
            models.Index(fields=["hook", "due_at", "id"], condition=Q(state=0), name="outbox_delivery_due"),
            models.Index(
                fields=["hook", "kind", "aggregate_id", "id"],
                condition=Q(state__in=(0, 2)),
                name="outbox_delivery_lane",
            ),
            models.Index(fields=["hook", "id"], condition=Q(state=2), name="outbox_delivery_parked"),
            models.Index(
                fields=["delivered_at"], condition=Q(state__in=(1, 3)), name="outbox_delivery_settled"
            ),
            models.Index(
                fields=["replay_id", "state"],
                condition=Q(replay_id__isnull=False),
                name="outbox_delivery_replayed",
            ),
        ]


class Attempt(models.Model):
    """One try of a delivery; `status` 0 when no answer came, then `error` says of what kind."""

    pk = models.CompositePrimaryKey("delivery_id", "number")
    delivery = models.ForeignKey(
        Delivery, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="tries"
    )
    number = models.SmallIntegerField()
    at = models.DateTimeField()
    status = models.IntegerField()
    error = models.CharField(max_length=200)
    took_ms = models.IntegerField()
    response = models.TextField()


class EndpointHealth(models.Model):
    """What every worker knows of an ill endpoint (`origin`: scheme, host, port); a well one has no row.

    `failing_since` is when it stopped answering, `paused_at` when that had lasted too long: then nothing of it is
    tried but a probe now and then, which costs no delivery a try. `asked_at` is when a person wanted a probe at once.
    """

    origin = models.CharField(max_length=255, unique=True)
    failing_since = models.DateTimeField()
    failures = models.IntegerField(default=0)
    last_status = models.IntegerField(default=0)
    last_error = models.TextField(default="")
    next_probe_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField()


class EndpointTurn(models.Model):
    """What all processes that deliver keep of an endpoint (`origin`: scheme, host, port) together.

    `next_at` is the first place under its rate cap that no claim has taken, `not_before` the moment before which it asked
    to be left alone (`Retry-After`). An endpoint without a cap that never asked has no row.
    """

    origin = models.CharField(max_length=255, unique=True)
    next_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)


class ReplayState(models.TextChoices):
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class Replay(models.Model):
    """Deliveries of some hooks to be sent again, slice by slice in the order of their ids.

    `wanted` is what was asked for, `last_id` the last delivery made due, `until_id` the last one there was when it was
    asked for.
    """

    user_id = models.BigIntegerField(null=True)
    hook_ids = ArrayField(models.BigIntegerField())
    wanted = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=ReplayState.choices, default=ReplayState.RUNNING)
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    until_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(state="running"), name="outbox_replay_running")]


class InboxState(models.IntegerChoices):
    WAITING = 0, "waiting"
    APPLIED = 1, "applied"
    PARKED = 2, "parked"


class Inbox(models.Model):
    """One received event of one source; the uuid is unique per source, so a repeat changes nothing."""

    source = models.CharField(max_length=100)
    uuid = models.UUIDField()
    type = models.CharField(max_length=124)
    aggregate = models.CharField(max_length=200)
    sequence = models.BigIntegerField(null=True)
    payload = models.TextField()
    state = models.SmallIntegerField(choices=InboxState.choices, default=0)
    late = models.BooleanField(default=False)
    attempts = models.SmallIntegerField(default=0)
    reason = models.TextField(default="")
    due_at = models.DateTimeField()
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "uuid"], name="outbox_inbox_once"),
            models.CheckConstraint(condition=Q(state__in=(0, 1, 2)), name="outbox_inbox_state"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state=0), name="outbox_inbox_waiting"),
            models.Index(
                fields=["source", "aggregate", "sequence", "id"],
                condition=Q(state=0),
                name="outbox_inbox_lane",
            ),
            models.Index(fields=["id"], condition=Q(state=2), name="outbox_inbox_parked"),
            models.Index(fields=["applied_at"], condition=Q(state=1), name="outbox_inbox_done"),
        ]


class InboxPosition(models.Model):
    """The highest sequence applied per source and aggregate: what comes below it is late."""

    pk = models.CompositePrimaryKey("source", "aggregate")
    source = models.CharField(max_length=100)
    aggregate = models.CharField(max_length=200)
    sequence = models.BigIntegerField()

    class Meta:
        db_table = "outbox_inbox_position"

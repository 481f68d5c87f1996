"""Tables of states, transitions and the transition log."""

from __future__ import annotations

from django.db import models


class State(models.Model):
    """One value of one enumeration, with the names a brand gives it."""

    name = models.CharField(max_length=128)
    translations = models.JSONField(default=dict)
    config = models.JSONField(default=dict)
    enum_class = models.CharField(max_length=32)
    enum_value = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enum_class", "enum_value"], name="oms_states_state_code"),
        ]


class StateTransition(models.Model):
    """A button: which command leads from which state to which."""

    VISIBILITIES = ("everywhere", "api", "hidden")

    name = models.CharField(max_length=128)
    slug = models.CharField(max_length=128, unique=True)
    kind = models.CharField(max_length=16)
    command_code = models.CharField(max_length=64)
    source = models.ForeignKey(State, on_delete=models.PROTECT, related_name="outgoing")
    destination = models.ForeignKey(State, on_delete=models.PROTECT, related_name="incoming")
    visibility = models.CharField(max_length=16, default="everywhere")
    parameters = models.JSONField(default=dict)
    translations = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["command_code", "source", "destination"], name="oms_states_transition_once"
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=["everywhere", "api", "hidden"]),
                name="oms_states_transition_visibility",
            ),
        ]


class TransitionLog(models.Model):
    """Append-only: one row per change of state of any record.

    `kind`, `object_id` name the record without a foreign key: the records live in higher rooms.
    """

    kind = models.CharField(max_length=16)
    object_id = models.BigIntegerField()
    # Checked, each would lock the row of a state at every change of any record; no state is ever deleted.
    old_state = models.ForeignKey(
        State, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    new_state = models.ForeignKey(
        State, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    user_id = models.BigIntegerField(null=True)
    attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "object_id", "id"], name="oms_states_log_object"),
            models.Index(fields=["new_state", "id"], name="oms_states_log_new_state"),
        ]

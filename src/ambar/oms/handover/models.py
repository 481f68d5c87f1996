"""Tables of the hand-over: comparisons, what they found, and closing statements."""

from __future__ import annotations

from django.db import models


class Reconciliation(models.Model):
    """One comparison with the Seller Center, and its repair when `apply` is set.

    `todo` are the places still to be compared; `apply` may be set after the preview (state `ready`). `unknown` says what could
    not be compared. Counted: rows compared of `rows`, requests, conflicts `found`, `repaired`, `refused` and those whose
    repair was not confirmed by the other side (`unconfirmed`); `under_way` were still on their way.
    """

    WAITING, COMPARING, LOOKING, READY = "waiting", "comparing", "looking", "ready"
    APPLYING, CHECKING, DONE, CANCELLED, FAILED = "applying", "checking", "done", "cancelled", "failed"
    OPEN = (WAITING, COMPARING, LOOKING, APPLYING, CHECKING)
    STATES = (*OPEN, READY, DONE, CANCELLED, FAILED)
    FIELDS_UNKNOWN = "The Seller Center is of an earlier version: packages are compared by state and sequence, not field by field."
    ORDERS_UNKNOWN = "The Seller Center is of an earlier version: orders are compared by their modification, not field by field."
    STATUSES_UNKNOWN = (
        "The Seller Center is of an earlier version: statuses of orders and of their lines are not compared."
    )
    """What is said in `unknown` when the rest could be compared."""

    state = models.CharField(max_length=16, default=WAITING)
    stopped_in = models.CharField(max_length=16, default="")
    apply = models.BooleanField(default=False)
    todo = models.JSONField(default=list)
    rows = models.BigIntegerField(default=0)
    compared = models.BigIntegerField(default=0)
    requests = models.IntegerField(default=0)
    found = models.IntegerField(default=0)
    repaired = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    unconfirmed = models.IntegerField(default=0)
    under_way = models.IntegerField(default=0)
    unknown = models.JSONField(default=list)
    error = models.TextField(default="")
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    @property
    def compares_fields(self) -> bool:
        """Whether the other side can be asked for the fields of packages."""
        return self.FIELDS_UNKNOWN not in self.unknown

    @property
    def compares_order_fields(self) -> bool:
        """Whether it can be asked for the fields of orders."""
        return self.ORDERS_UNKNOWN not in self.unknown

    @property
    def compares_order_statuses(self) -> bool:
        """Whether it can be asked for their statuses too."""
        return self.compares_order_fields and self.STATUSES_UNKNOWN not in self.unknown

    @property
    def not_compared(self) -> list[str]:
        """What kept the two sides from being compared at all."""
        less = (self.FIELDS_UNKNOWN, self.ORDERS_UNKNOWN, self.STATUSES_UNKNOWN)
        return [text for text in self.unknown if text not in less]

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                name="oms_handover_open",
                condition=models.Q(state__in=["waiting", "comparing", "looking", "applying", "checking"]),
            ),
        ]


class Conflict(models.Model):
    """A record on which the two sides don't agree: the conflict log.

    `key` is a package's number or an order's upstream id. `fields` are `[{field, ours, theirs}]`; `case`, `owner` and
    `remedy` are the row of the authority table that decided. `state`: seen (not looked at yet), open, applied (done, not
    confirmed yet), repaired, refused (`reason` says why), unconfirmed.
    """

    SEEN, OPEN, APPLIED, REPAIRED, REFUSED, UNCONFIRMED = (
        "seen",
        "open",
        "applied",
        "repaired",
        "refused",
        "unconfirmed",
    )
    STATES = (SEEN, OPEN, APPLIED, REPAIRED, REFUSED, UNCONFIRMED)

    of = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="conflicts", db_index=False)
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=170)
    record_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=16, default=SEEN)
    case = models.CharField(max_length=16, default="")
    owner = models.CharField(max_length=16, default="")
    remedy = models.CharField(max_length=24, default="")
    fields = models.JSONField(default=list)
    reason = models.TextField(default="")
    created_at = models.DateTimeField()
    repaired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["of", "kind", "key"], name="oms_handover_conflict_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["seen", "open", "applied", "repaired", "refused", "unconfirmed"]
                ),
                name="oms_handover_conflict_state",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["package", "order"]), name="oms_handover_conflict_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["of", "state", "id"], name="oms_handover_conflict_todo"),
            models.Index(fields=["kind", "key"], name="oms_handover_conflict_key"),
            models.Index(
                fields=["repaired_at"],
                name="oms_handover_repaired",
                condition=models.Q(repaired_at__isnull=False),
            ),
        ]


class AgreedOrder(models.Model):
    """Two marks of one version of an order that were looked at and mean the same, so that it is not looked at again.

    `ours` is empty for an order that was not taken. It holds as long as version and both marks do.
    """

    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    version = models.DateTimeField()
    ours = models.CharField(max_length=16)
    theirs = models.CharField(max_length=16)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_handover_agreed_once")
        ]


class Statement(models.Model):
    """The closing statement of a day: `body` as it is told; `is_final` when the day was over when it was drawn up."""

    day = models.DateField(unique=True)
    body = models.JSONField()
    is_final = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

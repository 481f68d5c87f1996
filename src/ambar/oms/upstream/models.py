"""Tables of intake (what was not taken and why) and of status reports."""

from django.db import models


class Quarantined(models.Model):
    """An order that could not be taken, by cause. Open while `closed_at` is null; one open row per order."""

    source = models.CharField(max_length=64)
    identity = models.CharField(max_length=80)
    upstream_id = models.BigIntegerField(null=True)
    number = models.CharField(max_length=128, null=True)
    kind = models.CharField(max_length=32)
    cause = models.CharField(max_length=400)
    reason = models.TextField()
    detail = models.JSONField(default=dict)
    payload = models.JSONField()
    upstream_modified_at = models.DateTimeField(null=True)
    times = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, default="")

    class Meta:
        app_label = "oms_upstream"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "identity"],
                condition=models.Q(closed_at__isnull=True),
                name="oms_upstream_quarantined_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["cause", "id"],
                condition=models.Q(closed_at__isnull=True),
                name="oms_upstream_quarantined_cause",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.reason}"


class NotTaken(models.Model):
    """An order that a filtering rule refused; kept as the last version seen, with the rule's name."""

    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    number = models.CharField(max_length=128)
    rule = models.CharField(max_length=255)
    upstream_modified_at = models.DateTimeField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        app_label = "oms_upstream"
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_upstream_nottaken_identity")
        ]
        indexes = [models.Index(fields=["rule", "id"], name="oms_upstream_nottaken_rule")]

    def __str__(self) -> str:
        return f"{self.number}: {self.rule}"


class Watermark(models.Model):
    """How far a stream of upstream has been read, and where (`read_from`: address and supplier code): elsewhere the mark
    says nothing."""

    source = models.CharField(max_length=64)
    stream = models.CharField(max_length=32)
    at = models.DateTimeField(null=True)
    upstream_id = models.BigIntegerField(null=True)
    polled_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    error = models.TextField(default="")
    taken = models.BigIntegerField(default=0)
    read_from = models.TextField(db_default="")

    class Meta:
        app_label = "oms_upstream"
        constraints = [
            models.UniqueConstraint(fields=["source", "stream"], name="oms_upstream_watermark_stream")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.stream}"


class StatusSync(models.Model):
    """The status of one order item as it should be known upstream, and as it was last accepted there."""

    order_id = models.BigIntegerField()
    order_item_id = models.BigIntegerField(unique=True)
    order_number = models.CharField(max_length=128)
    upstream_item_id = models.BigIntegerField()
    package_id = models.BigIntegerField()
    wanted = models.IntegerField()
    sent = models.IntegerField(null=True)
    fields = models.JSONField(default=dict)
    version = models.BigIntegerField(default=1)
    state = models.CharField(max_length=16, default="pending")
    reason = models.TextField(default="")
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "oms_upstream"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sent", "set_aside"]),
                name="oms_upstream_statussync_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="pending") | models.Q(due_at__isnull=False),
                name="oms_upstream_statussync_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "order_id"],
                condition=models.Q(state="pending"),
                name="oms_upstream_statussync_todo",
            ),
            models.Index(fields=["order_id"], name="oms_upstream_statussync_order"),
        ]

    def __str__(self) -> str:
        return f"{self.order_number} item {self.upstream_item_id}: {self.wanted}"

"""Decision records, and the snapshots they name by hash."""

from django.db import models


class Snapshot(models.Model):
    """Rules or locations as a plan saw them, stored once per content. `hash` is of the content."""

    hash = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=16)
    body = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "oms_planning"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["rules", "locations"]), name="oms_planning_snapshot_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.hash}"


class Decision(models.Model):
    """One planning attempt of one order (Akinon OMS: "Order execution plan").

    `outcome` is planned, hold or pending; `asked` the order as it was planned; `record` the compact matrix.
    """

    order = models.ForeignKey("oms_orders.Order", on_delete=models.PROTECT, db_constraint=False)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16)
    scenario_id = models.BigIntegerField(null=True)
    order_hash = models.CharField(max_length=64)
    rules_hash = models.CharField(max_length=64)
    view_hash = models.CharField(max_length=64)
    asked = models.JSONField()
    record = models.JSONField()

    class Meta:
        app_label = "oms_planning"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["planned", "hold", "pending"]), name="oms_planning_outcome"
            )
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.outcome}"

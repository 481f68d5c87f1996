"""Decision records with the snapshots they name by hash, and which locations are out for an item."""

from typing import Any

from django.db import models
from django.utils.functional import cached_property

from ambar.oms.planning import attempts


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

    `outcome`: planned; hold; pending; unchanged (what stood out of stock found no place); manual (a person assigned it).
    `body` is the order as it was planned and the compact matrix, packed (`recording.pack`); `digest` names its content.
    An attempt that asks and finds the same as the one before is counted in `times`, the last at `last_at`.
    `docs/decisions/0027-attempts.md`
    """

    order = models.ForeignKey("oms_orders.Order", on_delete=models.PROTECT, db_constraint=False)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16)
    scenario_id = models.BigIntegerField(null=True)
    order_hash = models.CharField(max_length=64)
    rules_hash = models.CharField(max_length=64)
    view_hash = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    times = models.IntegerField(default=1)
    last_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "oms_planning"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["planned", "hold", "pending", "unchanged", "manual"]),
                name="oms_planning_outcome",
            ),
            models.CheckConstraint(condition=models.Q(times__gte=1), name="oms_planning_times"),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.outcome}"

    @cached_property
    def _content(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return attempts.unpacked(self.body)

    @property
    def asked(self) -> dict[str, Any]:
        """The order as it was planned (`asking.restored` reads it)."""
        return self._content[0]

    @property
    def record(self) -> dict[str, Any]:
        """The compact record (`domain.recording`)."""
        return self._content[1]


class Exclusion(models.Model):
    """A location that never gets this order item again, and why (refused, not found)."""

    pk = models.CompositePrimaryKey("order_item_id", "location_id")
    order_item = models.ForeignKey(
        "oms_orders.OrderItem", on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    location = models.ForeignKey("oms_locations.StockLocation", on_delete=models.PROTECT, db_index=False)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        app_label = "oms_planning"

    def __str__(self) -> str:
        return f"item {self.order_item_id} not at {self.location_id}: {self.reason}"

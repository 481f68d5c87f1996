"""Cancellation plans: which items of an order are to be cancelled (before shipping) or refunded (after)."""

from django.db import models
from django.db.models import Q

STATUSES = ("waiting", "confirmed", "completed", "rejected")


class CancellationReason(models.Model):
    subject = models.CharField(max_length=255, unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()


class CancellationPlan(models.Model):
    order = models.ForeignKey("omnitron_orders.Order", on_delete=models.PROTECT, related_name="+")
    plan_type = models.CharField(max_length=16)
    status = models.CharField(max_length=16, default="waiting")
    reason = models.CharField(max_length=512, default="")
    is_all = models.BooleanField(default=False)
    is_cargo_refund = models.BooleanField(default=False)
    forced_refund_amount = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    refund_invoice_number = models.CharField(max_length=128, null=True)
    created_by = models.CharField(max_length=150, default="")
    modified_by = models.CharField(max_length=150, default="")
    sequence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="omnitron_plan_status"),
            models.CheckConstraint(
                condition=Q(plan_type__in=("cancel", "refund")), name="omnitron_plan_type"
            ),
        ]


class CancellationPlanOrderItem(models.Model):
    """One item of a plan; an item stands in at most one open plan."""

    plan = models.ForeignKey(CancellationPlan, on_delete=models.CASCADE, related_name="items")
    order_item = models.ForeignKey("omnitron_orders.OrderItem", on_delete=models.PROTECT, related_name="+")
    reason_id = models.BigIntegerField(null=True)
    refund_amount = models.DecimalField(max_digits=15, decimal_places=2)
    iban = models.CharField(max_length=64, null=True)
    holder_name = models.CharField(max_length=255, null=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order_item"], condition=Q(is_open=True), name="omnitron_open_plan_item"
            )
        ]

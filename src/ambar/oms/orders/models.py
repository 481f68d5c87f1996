"""Tables of orders."""

from __future__ import annotations

from django.db import models

from ambar.oms.catalogue.models import Channel, Product

PLANNING_STATES = ("new", "planning", "planned", "hold", "pending", "out_of_stock")


class Order(models.Model):
    """One order as taken from `source`; money in `currency`, places by id of this system, addresses as snapshots.

    `planning_state`: new waits for the planner; planned is done; out_of_stock is planned, but some of it stands in an
    Out of Stock package and is planned again at `due_at`; pending could not be decided and is asked again at `due_at`;
    hold waits for a person.
    """

    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    number = models.CharField(max_length=128, db_index=True)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    state = models.IntegerField()
    supplier_code = models.CharField(max_length=128, default="")
    currency = models.CharField(max_length=8, default="")
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    shipping_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    discount_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    customer = models.JSONField(default=dict)
    shipping_address = models.JSONField(default=dict)
    billing_address = models.JSONField(default=dict)
    country_id = models.BigIntegerField(null=True)
    city_id = models.BigIntegerField(null=True)
    township_id = models.BigIntegerField(null=True)
    district_id = models.BigIntegerField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    cargo_company = models.CharField(max_length=64, null=True)
    shipping_option_slug = models.CharField(max_length=128, null=True)
    payment_type = models.CharField(max_length=64, null=True)
    delivery_type = models.CharField(max_length=64, null=True)
    delivery_range = models.CharField(max_length=128, null=True)
    notes = models.TextField(default="")
    date_placed = models.DateTimeField(db_index=True)
    upstream_modified_at = models.DateTimeField()
    planning_state = models.CharField(max_length=16, default="new")
    hold_reason = models.TextField(default="")
    planned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    raw = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_orders_order_identity"),
            models.CheckConstraint(
                condition=models.Q(
                    planning_state__in=["new", "planning", "planned", "hold", "pending", "out_of_stock"]
                ),
                name="oms_orders_order_planning_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="oms_orders_order_to_plan",
                condition=models.Q(planning_state="new", state__gte=400, state__lt=500),
            ),
            models.Index(
                fields=["due_at"],
                name="oms_orders_order_due",
                condition=models.Q(
                    planning_state__in=["pending", "out_of_stock"], state__gte=400, state__lt=500
                ),
            ),
            models.Index(
                fields=["id"],
                name="oms_orders_order_on_hold",
                condition=models.Q(planning_state="hold"),
            ),
        ]


class OrderItem(models.Model):
    """One line of an order; `price` and `discount_amount` are totals of the line, `state` an OrderStatus code."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=128)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    price = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    discount_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(max_length=8, default="")
    state = models.IntegerField()
    attributes = models.JSONField(default=dict)
    invoice_number = models.CharField(max_length=128, null=True)
    tracking_number = models.CharField(max_length=256, null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_orders_item_identity"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="oms_orders_item_quantity"),
        ]


class CancellationPlan(models.Model):
    """A wish of the upstream system to cancel or refund items of an order, as a record."""

    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT)
    order_upstream_id = models.BigIntegerField()
    plan_type = models.CharField(max_length=16)
    status = models.CharField(max_length=32)
    items = models.JSONField(default=list)
    answer_reason = models.TextField(default="")
    due_at = models.DateTimeField(null=True)
    upstream_modified_at = models.DateTimeField()
    raw = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_orders_plan_identity"),
            models.CheckConstraint(
                condition=models.Q(plan_type__in=["cancel", "refund"]), name="oms_orders_plan_type"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="oms_orders_plan_due", condition=models.Q(due_at__isnull=False)
            )
        ]

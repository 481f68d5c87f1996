"""Sellers' orders, their items, held items, cancellation plans, and what is still to be told to the hub."""

from django.db import models

from ambar.seller_center.delivery.models import DeliverySetting
from ambar.seller_center.sellers.models import Seller


class Order(models.Model):
    """One seller's part of one shop order. `document` is what the hub said, places under our own ids."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, db_index=False)
    upstream_id = models.BigIntegerField()
    upstream_number = models.CharField(max_length=128)
    number = models.CharField(max_length=160)
    part = models.SmallIntegerField()
    status = models.SmallIntegerField()
    currency = models.CharField(max_length=8)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    customer_name = models.CharField(max_length=512, blank=True)
    delivery_setting = models.ForeignKey(DeliverySetting, on_delete=models.PROTECT, db_index=False)
    document = models.JSONField()
    digest = models.CharField(max_length=32)
    date_placed = models.DateTimeField()
    upstream_modified_at = models.DateTimeField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "upstream_id"], name="sc_orders_order_once"),
            models.UniqueConstraint(fields=["upstream_id", "part"], name="sc_orders_order_part_once"),
        ]
        indexes = [
            models.Index(fields=["seller", "modified_at", "id"], name="sc_orders_order_changes"),
            models.Index(fields=["seller", "number"], name="sc_orders_order_number"),
            models.Index(fields=["modified_at", "id"], name="sc_orders_order_all_changes"),
        ]


class OrderItem(models.Model):
    """One line of a seller's order. `packaging` is waiting until an OMS packs it into a package of its own.

    `seller` is the order's, without a key of its own (decision 82).
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    upstream_id = models.BigIntegerField()
    sku = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    price = models.DecimalField(max_digits=18, decimal_places=2)
    status = models.SmallIntegerField()
    packaging = models.CharField(max_length=24, default="waiting_packaging", db_default="waiting_packaging")
    tracking_number = models.CharField(max_length=256, null=True)
    shipping_company = models.CharField(max_length=64, null=True)
    invoice_number = models.CharField(max_length=128, null=True)
    invoice_date = models.CharField(max_length=64, null=True)
    e_archive_url = models.CharField(max_length=500, null=True)
    document = models.JSONField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upstream_id", "seller"], name="sc_orders_item_once"),
            models.CheckConstraint(
                condition=models.Q(packaging__in=("waiting_packaging", "packaged", "rejected")),
                name="sc_orders_item_packaging",
            ),
        ]
        indexes = [models.Index(fields=["seller", "id"], name="sc_orders_item_by_seller")]


class OrderHold(models.Model):
    """A shop order with items nobody supplies: visible, with the reasons, and taken up again on demand."""

    upstream_id = models.BigIntegerField(unique=True)
    number = models.CharField(max_length=128)
    items = models.JSONField()
    payload = models.JSONField()
    upstream_modified_at = models.DateTimeField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()


class CancellationPlan(models.Model):
    """One seller's part of a cancellation plan; `rows` hold our own item ids."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT)
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    upstream_id = models.BigIntegerField()
    plan_type = models.CharField(max_length=8)
    status = models.CharField(max_length=16)
    reason = models.TextField(blank=True, db_default="")
    rows = models.JSONField()
    upstream_modified_at = models.DateTimeField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "upstream_id"], name="sc_orders_plan_once")]
        indexes = [models.Index(fields=["seller", "modified_at", "id"], name="sc_orders_plan_changes")]


class PlanHold(models.Model):
    """A cancellation plan whose order has not arrived yet; taken up when it does."""

    upstream_id = models.BigIntegerField(unique=True)
    upstream_order_id = models.BigIntegerField(db_index=True)
    payload = models.JSONField()
    created_at = models.DateTimeField()


class Forward(models.Model):
    """Something the hub has yet to be told: one row per record, values are read when it is sent.

    `version` grows with every change, so that a change made while sending is sent again.
    """

    kind = models.CharField(max_length=8)
    record_id = models.BigIntegerField()
    version = models.BigIntegerField(default=1, db_default=1)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id"], name="sc_orders_forward_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=("item", "plan")), name="sc_orders_forward_kind"
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="sc_orders_forward_due")]

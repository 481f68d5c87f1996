"""Tables of packages."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import MD5, Collate, Left

from ambar.oms.catalogue.models import Channel, Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order, OrderItem


class Package(models.Model):
    """A packaging order at one location. `sequence` is the number of the last event recorded for it.

    `told_state` and `told_sequence` are those of the last event whose type a marketplace listens to (`events.HEARD`).
    """

    number = models.CharField(max_length=160, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    order_number = models.CharField(max_length=128)
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    state = models.IntegerField()
    previous_state = models.IntegerField(null=True)
    shipping_company = models.CharField(max_length=64, null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    sequence = models.BigIntegerField(default=0)
    told_state = models.IntegerField(db_default=0)
    told_sequence = models.BigIntegerField(db_default=0)
    remote_id = models.CharField(max_length=128, null=True)
    invoice_number = models.CharField(max_length=128, null=True)
    invoice_date = models.DateTimeField(null=True)
    shipping_label = models.TextField(null=True)
    packaged_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    sync_pending_at = models.DateTimeField(null=True)
    lineage = models.JSONField(default=list)
    decision_id = models.BigIntegerField(null=True)
    pickup_code_sealed = models.TextField(db_default="", default="")
    created_at = models.DateTimeField(db_index=True)
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=930) | models.Q(previous_state__isnull=False),
                name="oms_packages_blocked_from",
            ),
            models.CheckConstraint(condition=models.Q(sequence__gte=0), name="oms_packages_sequence"),
        ]
        indexes = [
            models.Index(fields=["location", "state", "id"], name="oms_packages_floor"),
            models.Index(fields=["state", "id"], name="oms_packages_state"),
            models.Index(
                fields=["order_number"],
                name="oms_packages_order_number",
                opclasses=["varchar_pattern_ops"],
            ),
            models.Index(Collate(Left(MD5("number"), 6), "C"), name="oms_packages_compared"),
            models.Index(
                fields=["shipped_at"],
                name="oms_packages_shipped",
                condition=models.Q(shipped_at__isnull=False),
            ),
            models.Index(
                fields=["sync_pending_at"],
                name="oms_packages_to_sync",
                condition=models.Q(sync_pending_at__isnull=False),
            ),
        ]


class PackageItem(models.Model):
    """Part of an order item in a package. `stock_taken_at`: its reservation was consumed (or released) for good.

    `cancelled_quantity` units were taken off a package that lives on; with `quantity` 0 nothing of the item is left in it.
    Of what the carrier brought back, `put_away_quantity` units lie on the shelf again and `written_off_quantity` don't.
    `extra_data`: what the floor noted of it, `barcodes` as scanned. `product` differs from the order item's when it was
    replaced. `order` is a copy of the package's (`docs/decisions/0061-copies-without-keys.md`).
    """

    package = models.ForeignKey(Package, on_delete=models.PROTECT, db_index=False)
    order_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    cancelled_quantity = models.DecimalField(max_digits=12, decimal_places=3, db_default=0)
    put_away_quantity = models.DecimalField(max_digits=12, decimal_places=3, db_default=0)
    written_off_quantity = models.DecimalField(max_digits=12, decimal_places=3, db_default=0)
    state = models.IntegerField()
    unit_weight = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    extra_data = models.JSONField(default=dict, db_default={})
    stock_taken_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["package", "order_item"], name="oms_packages_item_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0) | models.Q(quantity=0, cancelled_quantity__gt=0),
                name="oms_packages_item_quantity",
            ),
            models.CheckConstraint(
                condition=models.Q(put_away_quantity__gte=0)
                & models.Q(written_off_quantity__gte=0)
                & models.Q(quantity__gte=models.F("put_away_quantity") + models.F("written_off_quantity")),
                name="oms_packages_item_received_once",
            ),
        ]


class PackageDenialReason(models.Model):
    """Why a location refuses a package (Akinon OMS: Package denial reasons)."""

    title = models.CharField(max_length=255, unique=True)
    remote_id = models.CharField(max_length=100, null=True)
    priority = models.IntegerField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

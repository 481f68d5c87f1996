"""Tables of transfers."""

from __future__ import annotations

from django.db import models

from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import OrderItem
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.states.domain.codes import TransferStatus


class Transfer(models.Model):
    """A transfer order: what `source` sends to `destination` for one package there.

    `sequence` is the number of the last event recorded for it. Neither end and not the package ever change.
    """

    number = models.CharField(max_length=176, unique=True)
    package = models.ForeignKey(Package, on_delete=models.PROTECT)
    source = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+", db_index=False)
    destination = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=32)
    shipping_company = models.CharField(max_length=64, null=True)
    tracking_number = models.CharField(max_length=256, null=True, db_index=True)
    extra_information = models.JSONField(default=dict)
    sequence = models.BigIntegerField(default=0)
    dispatched_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_index=True)
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[str(code) for code in TransferStatus]),
                name="oms_transfers_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("destination")), name="oms_transfers_two_places"
            ),
            models.CheckConstraint(condition=models.Q(sequence__gte=0), name="oms_transfers_sequence"),
        ]
        indexes = [
            models.Index(fields=["source", "state", "id"], name="oms_transfers_outgoing"),
            models.Index(fields=["destination", "state", "id"], name="oms_transfers_incoming"),
            models.Index(fields=["state", "id"], name="oms_transfers_state"),
        ]


class TransferItem(models.Model):
    """Units of a package item that a transfer brings; the holder `("transfer_item", id)` of their reservation."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT)
    package_item = models.ForeignKey(PackageItem, on_delete=models.PROTECT)
    order_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    state = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "package_item"], name="oms_transfers_item_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="oms_transfers_item_quantity"),
            models.CheckConstraint(
                condition=models.Q(state__in=[str(code) for code in TransferStatus]),
                name="oms_transfers_item_state_known",
            ),
        ]

"""Tables of shipments."""

from __future__ import annotations

from django.db import models

from ambar.oms.packages.models import Package


class Shipment(models.Model):
    """One parcel. A parcel may carry packages of several orders, and a package may travel in several parcels.

    `tracking_numbers` keeps every number ever known, oldest first; `awb_number` is the present one.
    """

    packages = models.ManyToManyField(Package, through="ShipmentPackage")
    state = models.CharField(max_length=32)
    cargo_company = models.CharField(max_length=64, null=True)
    awb_number = models.CharField(max_length=256, null=True, db_index=True)
    query_number = models.CharField(max_length=256, null=True)
    tracking_numbers = models.JSONField(default=list)
    tracking_url = models.CharField(max_length=1024, null=True)
    label = models.TextField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    sequence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_index=True)
    modified_at = models.DateTimeField()


class ShipmentPackage(models.Model):
    """Which package travels in which parcel."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT)
    package = models.ForeignKey(Package, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "package"], name="oms_shipments_package_once"),
        ]

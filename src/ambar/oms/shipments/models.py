"""Tables of shipments, of the carriers that take them, and of the addresses the carriers know our locations by."""

from __future__ import annotations

from django.db import models

from ambar.oms.locations.models import StockLocation
from ambar.oms.packages.models import Package
from ambar.oms.transfers.models import Transfer


class Carrier(models.Model):
    """A cargo company that is asked over HTTP. `code` is the cargo company's code on packages; `password` is sealed.

    `adapter` names the code that speaks to it; `credentials_identifier` chooses one of several accounts there.
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    adapter = models.CharField(max_length=32, default="shipment_flow")
    base_url = models.CharField(max_length=2048)
    username = models.CharField(max_length=255, default="")
    password = models.TextField(default="")
    credentials_identifier = models.CharField(max_length=255, default="")
    timeout_seconds = models.IntegerField(default=10)
    poll_seconds = models.IntegerField(default=300)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(timeout_seconds__gte=1, timeout_seconds__lte=60, poll_seconds__gte=1),
                name="oms_shipments_carrier_times",
            ),
        ]


class Shipment(models.Model):
    """One parcel. A parcel may carry packages of several orders, and a package may travel in several parcels; others
    bring a transfer from one location to another.

    `tracking_numbers` keeps every number ever known, oldest first; `awb_number` is the present one. `talk` is how far
    the conversation with `carrier` is: "" none, "to_ask", "known" (it answered; its story is polled), "error" (given
    up, `problem` says why), "ended". `reference` is the parcel's name towards the carrier, so that a repeated call
    makes no second parcel. `follow_at`: the packages have yet to follow the parcel's state.
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
    carrier = models.ForeignKey(Carrier, null=True, on_delete=models.PROTECT)
    reference = models.UUIDField(null=True, unique=True)
    talk = models.CharField(max_length=16, db_default="")
    attempts = models.IntegerField(db_default=0)
    problem = models.TextField(db_default="")
    due_at = models.DateTimeField(null=True)
    follow_at = models.DateTimeField(null=True)
    sequence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_index=True)
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(talk__in=["", "to_ask", "known", "error", "ended"]),
                name="oms_shipments_talk",
            ),
            models.CheckConstraint(
                condition=models.Q(talk="") | models.Q(carrier__isnull=False, reference__isnull=False),
                name="oms_shipments_talks_to_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="oms_shipments_due",
                condition=models.Q(talk__in=["to_ask", "known"]),
            ),
            models.Index(
                fields=["follow_at"],
                name="oms_shipments_to_follow",
                condition=models.Q(follow_at__isnull=False),
            ),
        ]


class ShipmentPackage(models.Model):
    """Which package travels in which parcel."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT)
    package = models.ForeignKey(Package, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "package"], name="oms_shipments_package_once"),
        ]


class ShipmentTransfer(models.Model):
    """Which transfer travels in which parcel. A parcel carries either packages or transfers."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "transfer"], name="oms_shipments_transfer_once"),
        ]


class ShipmentStatusEntry(models.Model):
    """One line of what a carrier told about a parcel; `applied` is false when it came too late to change anything."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT)
    status = models.CharField(max_length=32)
    at = models.DateTimeField()
    description = models.TextField(default="")
    applied = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "status", "at"], name="oms_shipments_told_once"),
        ]


class ShipmentLabel(models.Model):
    """The label as the carrier made it."""

    shipment = models.OneToOneField(Shipment, primary_key=True, on_delete=models.PROTECT)
    content = models.BinaryField()
    content_type = models.CharField(max_length=64)
    created_at = models.DateTimeField()


class SenderAddress(models.Model):
    """How a carrier knows a location (Akinon OMS: Stock Location Sender Address Services).

    `origin_id` is the carrier's id of the address, sent with every parcel from there; `carrier` None = any carrier.
    """

    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    carrier = models.ForeignKey(Carrier, null=True, on_delete=models.PROTECT)
    origin_id = models.CharField(max_length=128)
    remote_id = models.CharField(max_length=128, null=True)
    address = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "carrier"],
                name="oms_shipments_sender_once",
                nulls_distinct=False,
            ),
        ]

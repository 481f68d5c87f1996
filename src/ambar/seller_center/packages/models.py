"""Packages of sellers, their items and their history."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import MD5, Collate, Left, Now

from ambar.seller_center.orders.models import Order
from ambar.seller_center.sellers.models import Seller

LIVING = models.Q(retired_at__isnull=True)
OF_AN_OMS = models.Q(origin="oms", retired_at__isnull=True)


class Package(models.Model):
    """A package: the default one of an order, or one an OMS reports. Numbers are unique per seller.

    `status` is the Seller Center's integer, `state_code` the OMS's; a retired package gave way to the OMS's own. `made_at` is
    when its maker says it was made: the OMS's time, not that of the event's arrival. `lineage` are the OMS's ids (`remote_id`)
    of the packages it took the place of.
    """

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True)
    order_number = models.CharField(max_length=160, blank=True, db_default="")
    number = models.CharField(max_length=170)
    origin = models.CharField(max_length=8)
    status = models.SmallIntegerField()
    state_code = models.SmallIntegerField(null=True)
    state_name = models.CharField(max_length=128, blank=True, db_default="")
    sequence = models.BigIntegerField(default=0, db_default=0)
    remote_id = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=8, blank=True, db_default="")
    location_name = models.CharField(max_length=255, blank=True, db_default="")
    shipping_company = models.CharField(max_length=64, null=True)
    tracking_numbers = ArrayField(models.CharField(max_length=256), default=list)
    invoice_number = models.CharField(max_length=128, null=True)
    lineage = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    retired_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "number"], name="sc_packages_package_once"),
            models.CheckConstraint(
                condition=models.Q(origin__in=("default", "oms")), name="sc_packages_package_origin"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(origin="default"), name="sc_packages_one_default"
            ),
        ]
        # Each narrowed to what lists and comparisons ask for: none of them can be taken for the one that names a package (decision 109).
        indexes = [
            models.Index(
                fields=["seller", "modified_at", "id"], condition=LIVING, name="sc_packages_living_changes"
            ),
            models.Index(
                fields=["seller", "status", "id"], condition=LIVING, name="sc_packages_living_by_status"
            ),
            models.Index(fields=["seller", "made_at"], condition=OF_AN_OMS, name="sc_packages_of_oms_made"),
            models.Index(
                "seller",
                Collate(Left(MD5("number"), 6), "C"),
                condition=OF_AN_OMS,
                name="sc_packages_of_oms_compared",
            ),
        ]


class PackageItem(models.Model):
    """One line of a package; `order_item_id` is an item of ours, when known, `seller` the package's (decision 82)."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    order_item_id = models.BigIntegerField(null=True)
    remote_id = models.BigIntegerField(null=True)
    sku = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    state_code = models.SmallIntegerField(null=True)


class PackageHistory(models.Model):
    """One event of a package and what became of it: applied, or late (logged, changing nothing). `seller` is the package's (decision 82)."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, db_index=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    event_uuid = models.UUIDField()
    event_type = models.CharField(max_length=124)
    sequence = models.BigIntegerField(null=True)
    state_code = models.SmallIntegerField()
    status = models.SmallIntegerField()
    outcome = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "event_uuid"], name="sc_packages_history_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=("applied", "late")), name="sc_packages_history_outcome"
            ),
        ]
        indexes = [models.Index(fields=["package", "id"], name="sc_packages_history_of")]


class RepeatCount(models.Model):
    """How often a seller's OMS sent an event again that was here already."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT)
    event_type = models.CharField(max_length=124)
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "event_type"], name="sc_packages_repeats_once")
        ]

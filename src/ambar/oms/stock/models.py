"""Balances and the append-only ledger. available = on hand - reserved."""

from django.db import models
from django.db.models import F, Q


class Balance(models.Model):
    """Stock of one product at one location.

    `short` is how far the last feed lay below what is reserved: the feed's figure is `on_hand - short`.
    """

    pk = models.CompositePrimaryKey("location_id", "product_id")
    location = models.ForeignKey("oms_locations.StockLocation", on_delete=models.PROTECT, db_index=False)
    product = models.ForeignKey("oms_catalogue.Product", on_delete=models.PROTECT)
    on_hand = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    reserved = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    short = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    unit = models.CharField(max_length=16, default="quantity")
    counted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "oms_stock"
        constraints = [
            models.CheckConstraint(condition=Q(reserved__gte=0), name="oms_stock_reserved_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("on_hand")), name="oms_stock_reserved_on_hand"
            ),
            models.CheckConstraint(condition=Q(short__gte=0), name="oms_stock_short_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.location_id} x {self.product_id}: {self.on_hand} - {self.reserved}"


class LedgerEntry(models.Model):
    """One change, never altered. `quantity` is signed: `reserve`, `release` and `move` change what is reserved,
    `stock` changes what is on hand, `consume` changes both. The holder is opaque, such as ("package_item", 7).
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8)
    location = models.ForeignKey(
        "oms_locations.StockLocation", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        "oms_catalogue.Product", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    quantity = models.DecimalField(max_digits=16, decimal_places=3)
    holder_kind = models.CharField(max_length=32, blank=True, default="")
    holder_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=64)
    cause = models.UUIDField(null=True)

    class Meta:
        app_label = "oms_stock"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["reserve", "release", "consume", "move", "stock"]),
                name="oms_stock_ledger_kind",
            )
        ]
        indexes = [
            models.Index(
                fields=["holder_id", "holder_kind"],
                name="oms_stock_ledger_holder",
                condition=Q(holder_id__isnull=False),
            ),
            models.Index(fields=["location", "product", "id"], name="oms_stock_ledger_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"

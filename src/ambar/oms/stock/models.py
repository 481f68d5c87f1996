"""Balances and the append-only ledger. available = on hand - reserved."""

from django.db import models
from django.db.models import F, Q


class Balance(models.Model):
    """Stock of one product at one location.

    `short` is how far the last feed lay below what is reserved: the feed's figure is `on_hand - short`.
    """

    pk = models.CompositePrimaryKey("location_id", "product_id")
    location = models.ForeignKey("oms_locations.StockLocation", on_delete=models.PROTECT, db_index=False)
    product = models.ForeignKey("oms_catalogue.Product", on_delete=models.PROTECT, db_index=False)
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
        indexes = [models.Index(fields=["product", "location"], name="oms_stock_balance_product")]

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


class StockArrival(models.Model):
    """More of a product became available somewhere; deleted by who acts on it (`arrivals.take`).

    A row per event, not per product: writers never wait for each other or for the reader.
    """

    id = models.BigAutoField(primary_key=True)
    product_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label = "oms_stock"
        db_table = "oms_stock_arrival"

    def __str__(self) -> str:
        return f"product {self.product_id}"


class Engine(models.Model):
    """An inventory engine: an outside service that is asked for stock (Akinon OMS: "Inventory Engine").

    `config` is as documented, its passwords sealed. `fed_until` is how far a feed of kind "omnitron" was read.
    """

    HTTP = "http"
    OMNITRON = "omnitron"

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=16, default=HTTP)
    config = models.JSONField(default=dict)
    timeout_seconds = models.IntegerField(default=10)
    max_age_seconds = models.IntegerField(default=60)
    fed_until = models.DateTimeField(null=True)
    fed_at = models.DateTimeField(null=True)
    fed_error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        app_label = "oms_stock"
        db_table = "oms_stock_engine"

    def __str__(self) -> str:
        return self.name


class EngineAnswer(models.Model):
    """The last time an engine was asked for a product; `answered_at` is its last good answer."""

    pk = models.CompositePrimaryKey("engine_id", "product_id")
    engine = models.ForeignKey(Engine, on_delete=models.CASCADE, db_index=False)
    product_id = models.BigIntegerField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        app_label = "oms_stock"
        db_table = "oms_stock_engineanswer"

    def __str__(self) -> str:
        return f"{self.engine_id} x {self.product_id}"


class Import(models.Model):
    """A CSV file of stock figures on its way in; `bound_to` are the location ids its sender may write, null = all."""

    WAITING, RUNNING, DONE, CANCELLED = "waiting", "running", "done", "cancelled"

    id = models.BigAutoField(primary_key=True)
    state = models.CharField(max_length=16, default=WAITING)
    name = models.CharField(max_length=255, blank=True, default="")
    rows = models.IntegerField()
    done = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    short = models.IntegerField(default=0)
    errors = models.IntegerField(default=0)
    bound_to = models.JSONField(null=True)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "oms_stock"
        db_table = "oms_stock_import"
        indexes = [
            models.Index(
                fields=["id"], name="oms_stock_import_open", condition=Q(state__in=["waiting", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.id}: {self.done}/{self.rows}"


class ImportSlice(models.Model):
    """Some rows of a file, `[line, erp_code, sku, quantity, unit_type]` each, kept until they are applied."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="slices")
    rows = models.JSONField()

    class Meta:
        app_label = "oms_stock"
        db_table = "oms_stock_importslice"

    def __str__(self) -> str:
        return f"{self.of_id}: slice {self.id}"


class ImportFault(models.Model):
    """What was wrong with a line of a file; lines count from 1, the header included."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="wrong")
    line = models.IntegerField()
    field = models.CharField(max_length=64)
    message = models.TextField()

    class Meta:
        app_label = "oms_stock"
        db_table = "oms_stock_importfault"

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}"


class Reservation(models.Model):
    """What a holder holds now, as the ledger adds up (a view; nobody writes it)."""

    pk = models.CompositePrimaryKey("holder_kind", "holder_id", "location_id", "product_id")
    holder_kind = models.CharField(max_length=32)
    holder_id = models.BigIntegerField()
    location = models.ForeignKey(
        "oms_locations.StockLocation", on_delete=models.DO_NOTHING, db_constraint=False
    )
    product = models.ForeignKey("oms_catalogue.Product", on_delete=models.DO_NOTHING, db_constraint=False)
    quantity = models.DecimalField(max_digits=16, decimal_places=3)
    since = models.DateTimeField()

    class Meta:
        app_label = "oms_stock"
        db_table = "oms_stock_reservation"
        managed = False

    def __str__(self) -> str:
        return f"{self.holder_kind} {self.holder_id}: {self.quantity}"

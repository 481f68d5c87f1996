"""Stock locations and the quota row beside each."""

from django.db import models


class StockLocation(models.Model):
    """A place that holds stock and makes packages (Akinon OMS: "Locations").

    `targeted_packaging_minutes` and `exit_time` (local time of the last hand-over to the carrier) are the screen's
    "targeted packaging time" and "exit time". `calendar` is `{"days": [1..7], "closed": ["2026-10-29"]}`: the weekdays
    it works (1 = Monday) and the days it does not; empty means every day. Places are those of the places room.
    """

    source = models.CharField(max_length=32, default="oms")
    upstream_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=255)
    erp_code = models.CharField(max_length=64, unique=True)
    stock_location_type = models.CharField(max_length=32, default="store")
    country = models.ForeignKey("oms_places.Country", null=True, on_delete=models.PROTECT)
    city = models.ForeignKey("oms_places.City", null=True, on_delete=models.PROTECT)
    township = models.ForeignKey("oms_places.Township", null=True, on_delete=models.PROTECT)
    district = models.ForeignKey("oms_places.District", null=True, on_delete=models.PROTECT)
    line = models.TextField(blank=True, default="")
    postcode = models.CharField(max_length=16, blank=True, default="")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    daytime_phone = models.CharField(max_length=32, blank=True, default="")
    evening_phone = models.CharField(max_length=32, blank=True, default="")
    fax_number = models.CharField(max_length=32, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    priority = models.IntegerField(default=100)
    max_quota = models.IntegerField(null=True)
    is_fulfillment_center = models.BooleanField(default=True)
    is_pickup_location = models.BooleanField(default=False)
    is_delivery_location = models.BooleanField(default=False)
    is_transfer_location = models.BooleanField(default=True)
    is_shipper_location = models.BooleanField(default=True)
    is_return_available = models.BooleanField(default=False)
    is_fast_delivery_available = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    tags = models.JSONField(default=list)
    conf = models.JSONField(default=dict)
    engine_id = models.BigIntegerField(null=True)
    calendar = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    exit_time = models.TimeField(null=True)
    targeted_packaging_minutes = models.IntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "oms_locations"
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_locations_identity"),
            models.CheckConstraint(
                condition=models.Q(max_quota__isnull=True) | models.Q(max_quota__gte=0),
                name="oms_locations_max_quota",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QuotaUsed(models.Model):
    """Packages that count against a location's quota now (Akinon OMS: "Capacity Feature", field `quota`)."""

    location = models.OneToOneField(
        StockLocation, primary_key=True, on_delete=models.CASCADE, related_name="quota"
    )
    used = models.IntegerField(default=0)

    class Meta:
        app_label = "oms_locations"
        constraints = [
            models.CheckConstraint(condition=models.Q(used__gte=0), name="oms_locations_quota_used")
        ]

    def __str__(self) -> str:
        return f"{self.location_id}: {self.used}"

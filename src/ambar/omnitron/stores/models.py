"""Retail stores. `sequence` numbers the events of one store."""

from django.db import models


class RetailStore(models.Model):
    name = models.CharField(max_length=255)
    erp_code = models.CharField(max_length=128, unique=True)
    township = models.ForeignKey("omnitron_places.Township", on_delete=models.PROTECT, related_name="+")
    district = models.ForeignKey(
        "omnitron_places.District", on_delete=models.PROTECT, null=True, related_name="+"
    )
    address = models.CharField(max_length=512, default="")
    postcode = models.CharField(max_length=64, default="")
    phone_number = models.CharField(max_length=128, default="")
    fax_phone_number = models.CharField(max_length=128, default="")
    image = models.CharField(max_length=1024, default="")
    store_hours = models.JSONField(default=list)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    is_active = models.BooleanField(default=True)
    click_and_collect = models.BooleanField(default=False)
    kapida_enabled = models.BooleanField(default=False)
    fast_delivery = models.BooleanField(default=False)
    is_return_accepted = models.BooleanField(default=True)
    store_type_id = models.BigIntegerField(null=True)
    group_id = models.BigIntegerField(null=True)
    sort_order = models.IntegerField(default=0)
    config = models.JSONField(default=dict)
    channels = models.JSONField(default=list)
    translations = models.JSONField(default=dict)
    sequence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

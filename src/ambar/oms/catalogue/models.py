"""Channels and products. (source, upstream id) is the identity upstream; products match by SKU."""

from django.db import models


class Channel(models.Model):
    """A sales channel (Akinon OMS: "Channel"). `channel_type` is upstream's word, such as `web` or `marketplace`."""

    source = models.CharField(max_length=32)
    upstream_id = models.BigIntegerField()
    name = models.CharField(max_length=255)
    channel_type = models.CharField(max_length=64, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "oms_catalogue"
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_catalogue_channel_identity")
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A product. `weight` in kilograms; `unit` is what its quantities count (`quantity` = pieces)."""

    sku = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=512, blank=True, default="")
    barcode = models.CharField(max_length=128, blank=True, default="")
    upstream_id = models.BigIntegerField(null=True)
    attributes = models.JSONField(default=dict)
    weight = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    unit = models.CharField(max_length=16, default="quantity")
    image_url = models.CharField(max_length=1024, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "oms_catalogue"
        indexes = [models.Index(fields=["barcode"], name="oms_catalogue_product_barcode")]

    def __str__(self) -> str:
        return self.sku

"""Products sold on the marketplace."""

from django.db import models


class Product(models.Model):
    """One sellable product; `upstream_id` is its id at the commerce hub."""

    sku = models.CharField(max_length=255, unique=True)
    upstream_id = models.BigIntegerField(null=True, unique=True)
    name = models.CharField(max_length=255)
    base_code = models.CharField(max_length=255, blank=True)
    barcode = models.CharField(max_length=255, blank=True)
    attributes = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

"""Sales channels and carriers."""

from django.db import models


class Channel(models.Model):
    """A place where things are sold; `catalog_id` and `category_tree_id` point upward and carry no foreign key."""

    name = models.CharField(max_length=255)
    channel_type = models.CharField(max_length=64, default="web")
    catalog_id = models.BigIntegerField(null=True)
    category_tree_id = models.BigIntegerField(null=True)
    conf = models.JSONField(default=dict)
    schema = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class CargoCompany(models.Model):
    """A carrier as orders name it."""

    name = models.CharField(max_length=255)
    erp_code = models.CharField(max_length=128, unique=True)
    shipping_company = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

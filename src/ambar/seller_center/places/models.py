"""Countries > cities > townships > districts. Own ids; the hub's ids ride along in `upstream_id`."""

from django.db import models


class Country(models.Model):
    upstream_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=255)
    code = models.CharField(max_length=8)
    folded = models.CharField(max_length=255)
    is_active = models.BooleanField(default=True, db_default=True)


class City(models.Model):
    upstream_id = models.BigIntegerField(unique=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT)
    name = models.CharField(max_length=255)
    folded = models.CharField(max_length=255)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    postcode = models.CharField(max_length=64, null=True)
    is_active = models.BooleanField(default=True, db_default=True)


class Township(models.Model):
    upstream_id = models.BigIntegerField(unique=True)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    name = models.CharField(max_length=255)
    folded = models.CharField(max_length=255)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    postcode = models.CharField(max_length=64, null=True)
    is_active = models.BooleanField(default=True, db_default=True)


class District(models.Model):
    upstream_id = models.BigIntegerField(unique=True)
    city = models.ForeignKey(City, on_delete=models.PROTECT)
    township = models.ForeignKey(Township, on_delete=models.PROTECT)
    name = models.CharField(max_length=255)
    folded = models.CharField(max_length=255)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    postcode = models.CharField(max_length=64, null=True)
    is_active = models.BooleanField(default=True, db_default=True)


class CopyRun(models.Model):
    """The last copy from the hub (one row per start): what it did, or why it stopped."""

    status = models.CharField(max_length=16)
    counts = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

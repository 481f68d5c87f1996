"""Customers of a channel and their addresses; an address is one by its fingerprint."""

from django.db import models


class Customer(models.Model):
    channel = models.ForeignKey(
        "omnitron_channels.Channel", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    email = models.CharField(max_length=254, default="", db_index=True)
    first_name = models.CharField(max_length=255, default="")
    last_name = models.CharField(max_length=255, default="")
    phone_number = models.CharField(max_length=128, default="", db_index=True)
    is_active = models.BooleanField(default=True)
    channel_code = models.CharField(max_length=255, null=True)
    erp_code = models.CharField(max_length=128, null=True)
    extra_field = models.JSONField(default=dict)
    date_joined = models.DateTimeField(null=True)
    email_allowed = models.BooleanField(default=False)
    sms_allowed = models.BooleanField(default=False)
    call_allowed = models.BooleanField(default=False)
    gender = models.CharField(max_length=32, null=True)
    user_type = models.CharField(max_length=32, default="registered")
    date_of_birth = models.DateField(null=True)
    attributes = models.JSONField(default=dict)
    attributes_kwargs = models.JSONField(default=dict)
    localized_attributes = models.JSONField(default=dict)
    localized_attributes_kwargs = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "channel_code"], name="omnitron_customer_channel_code")
        ]


class Address(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    country = models.ForeignKey(
        "omnitron_places.Country", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    city = models.ForeignKey("omnitron_places.City", on_delete=models.PROTECT, related_name="+")
    township = models.ForeignKey(
        "omnitron_places.Township", on_delete=models.PROTECT, related_name="+", null=True
    )
    district = models.ForeignKey(
        "omnitron_places.District", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    title = models.CharField(max_length=128, default="")
    email = models.CharField(max_length=254, default="")
    phone_number = models.CharField(max_length=128, default="")
    first_name = models.CharField(max_length=255, default="")
    last_name = models.CharField(max_length=255, default="")
    line = models.CharField(max_length=255, default="")
    postcode = models.CharField(max_length=64, default="")
    notes = models.CharField(max_length=512, default="")
    company_name = models.CharField(max_length=255, default="")
    tax_office = models.CharField(max_length=64, default="")
    tax_no = models.CharField(max_length=20, default="")
    e_bill_taxpayer = models.BooleanField(default=False)
    identity_number = models.CharField(max_length=64, default="")
    address_type = models.CharField(max_length=32, default="customer")
    retail_store_id = models.BigIntegerField(null=True)
    remote_id = models.CharField(max_length=128, null=True)
    hash_data = models.CharField(max_length=32, unique=True)
    extra_field = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

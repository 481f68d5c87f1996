"""Delivery settings."""

from django.db import models


class DeliverySetting(models.Model):
    """A shipping option of the marketplace. Source: "How to manage delivery settings in Seller Center"."""

    slug = models.SlugField(max_length=128, unique=True)
    name = models.CharField(max_length=255)
    shipping_company = models.CharField(max_length=64, blank=True)
    shipping_option = models.CharField(max_length=128, blank=True)
    priority = models.IntegerField(default=0)
    calculator = models.CharField(max_length=16, default="free")
    allow_manual_entry = models.BooleanField(default=False)
    rules = models.JSONField(default=dict)
    config = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="sc_delivery_one_default"
            ),
            models.CheckConstraint(
                condition=models.Q(calculator__in=("free", "fixed", "amount_based")),
                name="sc_delivery_calculator",
            ),
        ]

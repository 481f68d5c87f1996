"""Sellers."""

from django.db import models


class Seller(models.Model):
    """A seller of the marketplace. `supplier_code` is what the seller's OMS is configured with."""

    supplier_code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=16, default="active", db_default="active")
    oms_managed = models.BooleanField(default=False, db_default=False)
    hook_secret_sealed = models.TextField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("active", "suspended", "closed")),
                name="sc_sellers_seller_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(supplier_code=""), name="sc_sellers_seller_code_given"
            ),
        ]

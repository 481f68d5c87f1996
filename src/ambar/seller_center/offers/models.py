"""What sellers offer."""

from django.db import models

from ambar.seller_center.catalogue.models import Product
from ambar.seller_center.sellers.models import Seller


class Offer(models.Model):
    """One seller's offer of one product. Prices are per piece, tax included; stock in pieces."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    stock = models.IntegerField(default=0)
    retail_price = models.DecimalField(max_digits=14, decimal_places=2)
    sale_price = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=8, default="try")
    is_active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "product"], name="sc_offers_offer_once"),
            models.CheckConstraint(condition=models.Q(stock__gte=0), name="sc_offers_offer_stock"),
            models.CheckConstraint(
                condition=models.Q(retail_price__gte=0, sale_price__gte=0), name="sc_offers_offer_prices"
            ),
        ]
        indexes = [models.Index(fields=["product", "sale_price"], name="sc_offers_offer_by_price")]

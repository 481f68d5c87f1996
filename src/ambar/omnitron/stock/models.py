"""Stock lists (one per retail store, or one for a channel) and the stock of products in them."""

from django.db import models


class StockList(models.Model):
    name = models.CharField(max_length=255, unique=True)
    code = models.CharField(max_length=128, default="")
    retail_store = models.OneToOneField(
        "omnitron_stores.RetailStore", on_delete=models.PROTECT, null=True, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ProductStock(models.Model):
    product = models.ForeignKey("omnitron_catalogue.Product", on_delete=models.CASCADE, related_name="+")
    stock_list = models.ForeignKey(StockList, on_delete=models.PROTECT, related_name="stocks")
    stock = models.DecimalField(max_digits=14, decimal_places=2)
    unit_type = models.CharField(max_length=16, default="qty")
    sold_quantity_unreported = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    extra_field = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "stock_list"], name="omnitron_product_stock"),
            models.CheckConstraint(condition=models.Q(stock__gte=0), name="omnitron_stock_positive"),
        ]

"""Products, their images, price lists and prices, and the catalogue that names a price list and a stock list."""

from django.db import models


class Product(models.Model):
    """What is sold. `weight` is in kilograms."""

    name = models.CharField(max_length=512)
    base_code = models.CharField(max_length=128, default="")
    sku = models.CharField(max_length=128, unique=True)
    barcode = models.CharField(max_length=64, default="", db_index=True)
    product_type = models.CharField(max_length=16, default="0")
    is_active = models.BooleanField(default=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="variants")
    category = models.CharField(max_length=255, default="")
    weight = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    attributes = models.JSONField(default=dict)
    attribute_set = models.BigIntegerField(null=True)
    productization_date = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.sku


class ProductImage(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    image = models.CharField(max_length=1024)
    order = models.IntegerField(default=0)
    status = models.CharField(max_length=16, default="active")
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "image"], name="omnitron_product_image")]


class PriceList(models.Model):
    name = models.CharField(max_length=255, unique=True)
    code = models.CharField(max_length=128, default="")
    currency = models.CharField(max_length=8, default="try")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ProductPrice(models.Model):
    """`price` is asked today, `retail_price` is the price before reduction; `tax_rate` and `discount_percentage` in percent."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    price_list = models.ForeignKey(PriceList, on_delete=models.PROTECT, related_name="prices")
    price = models.DecimalField(max_digits=15, decimal_places=2)
    retail_price = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    currency_type = models.CharField(max_length=8, default="try")
    tax_rate = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    discount_percentage = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    price_type = models.CharField(max_length=32, default="default")
    extra_field = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "price_list", "price_type"], name="omnitron_product_price"
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="omnitron_price_positive"),
        ]


class Catalog(models.Model):
    """The price list and the stock list a channel sells from; `stock_list_id` points upward."""

    name = models.CharField(max_length=255, unique=True)
    price_list = models.ForeignKey(PriceList, on_delete=models.PROTECT, null=True, related_name="catalogs")
    stock_list_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

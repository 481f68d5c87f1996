"""Shop orders and their items. Amounts are in `currency`; `sequence` numbers the events of one order."""

from django.db import models

from ambar.omnitron.orders.domain.status import CODES


class Order(models.Model):
    number = models.CharField(max_length=128, db_index=True)
    channel = models.ForeignKey(
        "omnitron_channels.Channel", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.SmallIntegerField()
    date_placed = models.DateTimeField()
    customer = models.ForeignKey("omnitron_customers.Customer", on_delete=models.PROTECT, related_name="+")
    shipping_address = models.ForeignKey(
        "omnitron_customers.Address", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    billing_address = models.ForeignKey(
        "omnitron_customers.Address", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    currency = models.CharField(max_length=8, default="try")
    amount = models.DecimalField(max_digits=15, decimal_places=2)
    shipping_amount = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    shipping_tax_rate = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    net_shipping_amount = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    discount_amount = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    refund_amount = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    extra_field = models.JSONField(default=dict)
    payment_option = models.BigIntegerField(null=True)
    payment_option_slug = models.CharField(max_length=128, null=True)
    shipping_option_slug = models.CharField(max_length=128, null=True)
    cargo_company = models.ForeignKey(
        "omnitron_channels.CargoCompany",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    notes = models.CharField(max_length=320, default="")
    is_send = models.BooleanField(default=False)
    segment = models.CharField(max_length=64, null=True)
    bin_number = models.CharField(max_length=32, null=True)
    client_type = models.CharField(max_length=32, default="default")
    installment = models.IntegerField(null=True)
    remote_addr = models.CharField(max_length=64, null=True)
    has_gift_box = models.BooleanField(default=False)
    gift_box_note = models.CharField(max_length=160, default="")
    invoice_date = models.DateTimeField(null=True)
    invoice_number = models.CharField(max_length=128, null=True)
    e_archive_url = models.CharField(max_length=1024, null=True)
    delivery_type = models.CharField(max_length=64, null=True)
    delivery_range = models.JSONField(null=True)
    language_code = models.CharField(max_length=16, default="tr-tr")
    external_status = models.CharField(max_length=64, null=True)
    tracking_number = models.CharField(max_length=256, null=True)
    carrier_shipping_code = models.CharField(max_length=256, null=True)
    sequence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "number"], name="omnitron_order_number"),
            models.CheckConstraint(condition=models.Q(status__in=CODES), name="omnitron_order_status"),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="omnitron_order_status_id"),
            models.Index(fields=["-date_placed"], name="omnitron_order_placed"),
            models.Index(
                fields=["cargo_company"],
                name="omnitron_order_cargo",
                condition=models.Q(cargo_company__isnull=False),
            ),
        ]


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey("omnitron_catalogue.Product", on_delete=models.PROTECT, related_name="+")
    price_list = models.ForeignKey(
        "omnitron_catalogue.PriceList", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    stock_list = models.ForeignKey(
        "omnitron_stock.StockList", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    status = models.SmallIntegerField()
    price_currency = models.CharField(max_length=8, default="try")
    price = models.DecimalField(max_digits=15, decimal_places=2)
    retail_price = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    discount_amount = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    installment_interest_amount = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    shipping_company = models.CharField(max_length=64, null=True)
    shipment_code = models.CharField(max_length=128, null=True)
    tracking_number = models.CharField(max_length=256, null=True)
    carrier_shipping_code = models.CharField(max_length=256, null=True)
    invoice_number = models.CharField(max_length=128, null=True)
    invoice_date = models.DateTimeField(null=True)
    e_archive_url = models.CharField(max_length=1024, null=True)
    cancel_status = models.CharField(max_length=32, null=True)
    extra_field = models.JSONField(default=dict)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    delivered_date = models.DateTimeField(null=True)
    estimated_delivery_date = models.DateTimeField(null=True)
    attributes = models.JSONField(default=dict)
    attributes_kwargs = models.JSONField(default=dict)
    localized_attributes = models.JSONField(default=dict)
    localized_attributes_kwargs = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=CODES), name="omnitron_item_status"),
        ]
        indexes = [
            models.Index(
                fields=["parent"], name="omnitron_item_parent", condition=models.Q(parent__isnull=False)
            ),
        ]

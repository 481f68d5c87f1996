"""Tables of orders."""

from __future__ import annotations

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper

from ambar.oms.catalogue.models import Channel, Product

PLANNING_STATES = ("new", "planning", "planned", "hold", "pending", "out_of_stock")


class Order(models.Model):
    """One order as taken from `source`; money in `currency`, places by id of this system, addresses as snapshots.

    `amount` is what upstream says; `cancelled_amount` is what the units cancelled here were worth of it.

    `planning_state`: new waits for the planner; planned is done; out_of_stock is planned, but some of it stands in an
    Out of Stock package and is planned again at `due_at`; pending could not be decided and is asked again at `due_at`;
    hold waits for a person.

    `raw` is the record of the version last taken as a whole; `echo` what the newest one differs in where that only repeats
    what was told upstream (`docs/decisions/0084-echoes-beside-the-record.md`).
    """

    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    number = models.CharField(max_length=128, db_index=True)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    state = models.IntegerField()
    supplier_code = models.CharField(max_length=128, default="")
    currency = models.CharField(max_length=8, default="")
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    shipping_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    discount_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    cancelled_amount = models.DecimalField(max_digits=14, decimal_places=2, db_default=0)
    customer = models.JSONField(default=dict)
    shipping_address = models.JSONField(default=dict)
    billing_address = models.JSONField(default=dict)
    country_id = models.BigIntegerField(null=True)
    city_id = models.BigIntegerField(null=True)
    township_id = models.BigIntegerField(null=True)
    district_id = models.BigIntegerField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    cargo_company = models.CharField(max_length=64, null=True)
    shipping_option_slug = models.CharField(max_length=128, null=True)
    payment_type = models.CharField(max_length=64, null=True)
    delivery_type = models.CharField(max_length=64, null=True)
    delivery_range = models.CharField(max_length=128, null=True)
    delivery_from = models.DateTimeField(null=True)
    delivery_until = models.DateTimeField(null=True)
    notes = models.TextField(default="")
    date_placed = models.DateTimeField(db_index=True)
    upstream_modified_at = models.DateTimeField()
    planning_state = models.CharField(max_length=16, default="new")
    hold_reason = models.TextField(default="")
    planned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    raw = models.JSONField(default=dict)
    echo = models.JSONField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_orders_order_identity"),
            models.CheckConstraint(
                condition=models.Q(
                    planning_state__in=["new", "planning", "planned", "hold", "pending", "out_of_stock"]
                ),
                name="oms_orders_order_planning_state",
            ),
        ]
        indexes = [
            models.Index(
                Upper(KeyTextTransform("first_name", "customer")), name="oms_orders_order_first_name"
            ),
            models.Index(Upper(KeyTextTransform("last_name", "customer")), name="oms_orders_order_last_name"),
            models.Index(
                fields=["delivery_range"],
                name="oms_orders_order_range",
                condition=models.Q(delivery_range__isnull=False),
            ),
            models.Index(
                fields=["delivery_from"],
                name="oms_orders_order_window",
                condition=models.Q(delivery_from__isnull=False),
            ),
            models.Index(
                fields=["city_id"], name="oms_orders_order_city", condition=models.Q(city_id__isnull=False)
            ),
            models.Index(
                fields=["township_id"],
                name="oms_orders_order_township",
                condition=models.Q(township_id__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="oms_orders_order_to_plan",
                condition=models.Q(planning_state="new", state__gte=400, state__lt=500),
            ),
            models.Index(
                fields=["due_at"],
                name="oms_orders_order_due",
                condition=models.Q(
                    planning_state__in=["pending", "out_of_stock"], state__gte=400, state__lt=500
                ),
            ),
            models.Index(
                fields=["id"],
                name="oms_orders_order_on_hold",
                condition=models.Q(planning_state="hold"),
            ),
        ]


class OrderItem(models.Model):
    """One line of an order; `price` and `discount_amount` are totals of the line, `state` an OrderStatus code.

    `parent_upstream_id` names the line this one is a part of; a line with parts is a head, which is sold but not
    supplied. `worth` is what the line adds to a package's amount where that is not its price. `quantity` counts all
    units ever ordered, `told_quantity` what upstream speaks of now where that is less, `cancelled_quantity` what will
    not be supplied.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=128)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    price = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    discount_amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(max_length=8, default="")
    state = models.IntegerField()
    attributes = models.JSONField(default=dict)
    parent_upstream_id = models.BigIntegerField(null=True)
    is_head = models.BooleanField(db_default=False)
    worth = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    told_quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    cancelled_quantity = models.DecimalField(max_digits=12, decimal_places=3, db_default=0)
    invoice_number = models.CharField(max_length=128, null=True)
    tracking_number = models.CharField(max_length=256, null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_orders_item_identity"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="oms_orders_item_quantity"),
            models.CheckConstraint(
                condition=models.Q(cancelled_quantity__gte=0, cancelled_quantity__lte=models.F("quantity")),
                name="oms_orders_item_cancelled",
            ),
        ]


class OrderChange(models.Model):
    """A version of an order that came after the first: what it changed, or that it was older than the one known.

    `changes` is `{field: [before, after]}` of the header and `{"items": [...]}` of the lines.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    upstream_modified_at = models.DateTimeField()
    is_older = models.BooleanField()
    changes = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "upstream_modified_at"], name="oms_orders_change_identity"
            )
        ]


class CancellationPlan(models.Model):
    """A wish of the upstream system to cancel or refund items of an order.

    `status` is what upstream says, `state` what became of it here: open (to be decided), waiting (a location has to
    agree, or goods have to come back), done, refused, withdrawn. `answer` is what upstream is told, from `answer_due_at`
    on until it took it (`answered_at`).
    """

    source = models.CharField(max_length=64)
    upstream_id = models.BigIntegerField()
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT)
    order_upstream_id = models.BigIntegerField()
    plan_type = models.CharField(max_length=16)
    status = models.CharField(max_length=32)
    items = models.JSONField(default=list)
    state = models.CharField(max_length=16, db_default="open")
    due_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=16, db_default="")
    answer_reason = models.TextField(default="")
    answer_due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer_attempts = models.IntegerField(db_default=0)
    answer_error = models.TextField(db_default="")
    upstream_modified_at = models.DateTimeField()
    raw = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "upstream_id"], name="oms_orders_plan_identity"),
            models.CheckConstraint(
                condition=models.Q(plan_type__in=["cancel", "refund"]), name="oms_orders_plan_type"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "waiting", "done", "refused", "withdrawn"]),
                name="oms_orders_plan_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="oms_orders_plan_due", condition=models.Q(due_at__isnull=False)
            ),
            models.Index(
                fields=["answer_due_at"],
                name="oms_orders_plan_to_answer",
                condition=models.Q(answer_due_at__isnull=False),
            ),
        ]


REQUEST_STATUSES = ("waiting", "waiting_approval", "completed", "rejected", "withdrawn")


class CancellationRequest(models.Model):
    """Units of one order item that are to be cancelled or refunded, and what became of it.

    `origin`: plan (of upstream), order_version (a newer version leaves them out), command (somebody here). `status`:
    waiting (to be decided), waiting_approval (the location has to agree), completed, rejected (`answer` says why),
    withdrawn. `open_quantity` are the units not decided yet.
    """

    plan = models.ForeignKey(CancellationPlan, null=True, on_delete=models.PROTECT)
    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    order_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT)
    origin = models.CharField(max_length=16)
    cancellation_type = models.CharField(max_length=16)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    open_quantity = models.DecimalField(max_digits=12, decimal_places=3)
    status = models.CharField(max_length=20)
    reason = models.TextField(default="")
    answer = models.TextField(default="")
    user_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_index=True)
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "order_item"], name="oms_orders_request_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=REQUEST_STATUSES), name="oms_orders_request_status"
            ),
            models.CheckConstraint(
                condition=models.Q(origin__in=["plan", "order_version", "command"]),
                name="oms_orders_request_origin",
            ),
            models.CheckConstraint(
                condition=models.Q(cancellation_type__in=["cancel", "refund"]), name="oms_orders_request_type"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, open_quantity__gte=0), name="oms_orders_request_quantity"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="oms_orders_request_due", condition=models.Q(due_at__isnull=False)
            ),
        ]


class CancellationPart(models.Model):
    """Units of a request found in one place: a package item, or nowhere yet (`package_item_id` null).

    `status`: taken (off the package, its stock given back under `cause`), waiting (for the location), refused, restored
    (to be supplied after all).
    """

    request = models.ForeignKey(CancellationRequest, on_delete=models.PROTECT, related_name="parts")
    package_item_id = models.BigIntegerField(null=True)
    package_id = models.BigIntegerField(null=True)
    location_id = models.BigIntegerField(null=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    status = models.CharField(max_length=16)
    cause = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "package_item_id"],
                name="oms_orders_part_once",
                condition=models.Q(status__in=["taken", "waiting"]),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["taken", "waiting", "refused", "restored"]),
                name="oms_orders_part_status",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="oms_orders_part_quantity"),
        ]
        indexes = [
            models.Index(
                fields=["package_id"], name="oms_orders_part_waiting", condition=models.Q(status="waiting")
            ),
        ]


class CancellationReason(models.Model):
    """Why something is cancelled, as the seller words it; `remote_id` is the id upstream, when it came from there."""

    title = models.CharField(max_length=255, unique=True)
    remote_id = models.CharField(max_length=100, null=True, unique=True)
    is_active = models.BooleanField(db_default=True)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()

"""Rows for store tests of stock and planning: locations, products, stock, a scenario, orders."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

from django.core.management import call_command

from ambar.oms.catalogue.models import Channel
from ambar.oms.catalogue.store import ensure_channel, ensure_products
from ambar.oms.locations.models import StockLocation
from ambar.oms.locations.store import StoreRow, upsert_stores
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.scenarios.actions.save_scenario import save_scenario
from ambar.oms.states.store import plant
from ambar.oms.stock.counts import Counted, set_on_hand

NOW = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)


def plant_states():
    """State rows are planted after every migration and every emptying of the tables; again here costs nothing."""
    plant(now=NOW)


def make_locations(count, **given):
    found = upsert_stores(
        [
            StoreRow(erp_code=f"WH{n:03}", name=f"Warehouse {n}", priority=n, **given)
            for n in range(1, count + 1)
        ]
    )
    return [found[code] for code in sorted(found)]


def make_products(count):
    found = ensure_products((f"SKU-{n:05}", f"Product {n}", f"869{n:010}", {}) for n in range(1, count + 1))
    return [found[sku] for sku in sorted(found)]


def put_stock(stock, now=NOW):
    """`{(location, product): quantity}`."""
    set_on_hand(
        [Counted(location_id=k[0], product_id=k[1], on_hand=Decimal(q)) for k, q in stock.items()],
        reason="feed",
        cause=None,
        now=now,
    )


def make_scenario(default, name="everything", **given):
    body = {
        "name": name,
        "default_location": default,
        "is_active": True,
        "rules": [make_rule()],
        "initial_status_multiple": 150,
    }
    return save_scenario({**body, **given}, now=NOW)


def make_rule(**given):
    return {
        "name": "rule",
        "product_mode": "all",
        "product_condition": {},
        "location_condition": {},
        "split_policy": "free",
        "max_packages": None,
        "split_above_amount": None,
        "transferable": False,
        "selectors": ["SELECT_BY_PRIORITY"],
        **given,
    }


def make_channel(name="Seller Center"):
    return Channel.objects.get(pk=ensure_channel("seller-center", 1, name, "marketplace"))


def make_orders(lines_of, *, channel=None, first=1, **given):
    """One order per entry of `lines_of`; an entry is a list of (product id, quantity). Answers the order ids."""
    plant_states()
    channel = channel or make_channel()
    rows = Order.objects.bulk_create(
        Order(
            **{
                "source": "seller-center",
                "upstream_id": first + n,
                "number": f"A{first + n}",
                "channel": channel,
                "state": 400,
                "currency": "TRY",
                "amount": Decimal("100.00"),
                "customer": {"id": 1, "email": "a@example.com", "first_name": "Ayşe", "last_name": "Kaya"},
                "date_placed": NOW,
                "upstream_modified_at": NOW,
                "created_at": NOW,
                "modified_at": NOW,
                **given,
            }
        )
        for n in range(len(lines_of))
    )
    OrderItem.objects.bulk_create(
        OrderItem(
            order=order,
            source="seller-center",
            upstream_id=order.upstream_id * 100 + m,
            product_id=product,
            sku=f"P{product}",
            quantity=Decimal(quantity),
            price=Decimal("20.00"),
            currency="TRY",
            state=400,
            created_at=NOW,
            modified_at=NOW,
        )
        for order, lines in zip(rows, lines_of, strict=True)
        for m, (product, quantity) in enumerate(lines)
    )
    return [order.pk for order in rows]


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def location(location_id):
    return StockLocation.objects.get(pk=location_id)


def replayed(*arguments: str) -> tuple[int, str]:
    """Exit code and output of `ambar oms replay` with these arguments."""
    out = StringIO()
    try:
        call_command("replay", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()

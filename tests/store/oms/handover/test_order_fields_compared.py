"""Orders that differ under the same modification, on either side: found, named, and read again; and nothing else is taken for it."""

from __future__ import annotations

import copy
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ambar.kit import clock
from ambar.oms.catalogue.models import Product
from ambar.oms.handover.actions import close_day, reconcile
from ambar.oms.handover.models import AgreedOrder, Reconciliation
from ambar.oms.orders.models import CancellationRequest, Order, OrderItem
from ambar.oms.packages.models import PackageItem
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.configured import Configured
from tests.worlds import handover_partner as there
from tests.worlds import oms_upstream as upstream
from tests.worlds.oms_records import T0, package
from tests.worlds.reconciling import follow, run

pytestmark = pytest.mark.django_db
FIRST, COUNT = 7001, 25
LINE = FIRST * 10


@pytest.fixture
def made(world, partner):
    """Orders with a line of three units each, known on both sides; the first of them."""
    records = [
        upstream.order(pk, delivery_range="2026-01-16 10:00-12:00") for pk in range(FIRST, FIRST + COUNT)
    ]
    for record in records:
        line_of(record)["attributes"] = {"quantity": "3"}
    take(*records)
    partner.offer(*records)
    assert run().found == 0
    return Order.objects.get(upstream_id=FIRST)


def take(*records):
    return take_orders(records, source=upstream.SOURCE, configured=Configured(), now=T0)


def line_of(record):
    return record["orderitem_set"][0]


def flip_line(**values):
    return lambda record: line_of(record).update(values)


def flip(**values):
    return lambda record: record.update(values)


def flip_in(name, **values):
    return lambda record: record[name].update(values)


THERE = {
    "number": flip(number="OTHER"),
    "currency": flip(currency="eur"),
    "amount": flip(amount="1.00"),
    "shipping_amount": flip(shipping_amount="0.01"),
    "discount_amount": flip(discount_amount="5.00"),
    "payment_type": flip(payment_option_slug="transfer"),
    "shipping_option_slug": flip(shipping_option_slug=None),
    "delivery_type": flip(delivery_type="express"),
    "delivery_range": flip(delivery_range=None),
    "notes": flip(notes="ring twice"),
    "date_placed": flip(date_placed="2026-01-14T09:30:00.000001Z"),
    "customer.email": flip_in("customer", email="other@example.com"),
    "customer.last_name": flip_in("customer", last_name="Yılmazer"),
    "shipping_address.line": flip_in("shipping_address", line="Elsewhere 1"),
    "shipping_address.e_bill_taxpayer": flip_in("shipping_address", e_bill_taxpayer=True),
    "billing_address.tax_no": flip_in("billing_address", tax_no="1234567890"),
    "billing_address.district": lambda record: record["billing_address"]["district"].update(name="Moda Mah"),
    "items of other units": flip_line(attributes={"quantity": "5"}),
    "items of another price": flip_line(price="748.99"),
    "items of another discount": flip_line(discount_amount="0.01"),
    "items of another tax": flip_line(tax_rate="10.00"),
    "items in another currency": flip_line(price_currency="usd"),
    "items more": lambda record: record["orderitem_set"].append(
        {**line_of(record), "id": record["pk"] * 10 + 5, "pk": record["pk"] * 10 + 5}
    ),
}


def column(**values):
    return lambda order: Order.objects.filter(pk=order.pk).update(**values)


def inside(name, **values):
    return lambda order: Order.objects.filter(pk=order.pk).update(
        **{name: {**getattr(order, name), **values}}
    )


def item(**values):
    return lambda order: OrderItem.objects.filter(upstream_id=order.upstream_id * 10).update(**values)


HERE = {
    "number": column(number="OTHER"),
    "currency": column(currency="eur"),
    "amount": column(amount="1.00"),
    "shipping_amount": column(shipping_amount="0.01"),
    "discount_amount": column(discount_amount="5.00"),
    "payment_type": column(payment_type=None),
    "shipping_option_slug": column(shipping_option_slug="fast"),
    "delivery_type": column(delivery_type="express"),
    "delivery_range": column(delivery_range=None),
    "notes": column(notes="ring twice"),
    "date_placed": column(date_placed=T0 - timedelta(days=1)),
    "customer.phone_number": inside("customer", phone_number=""),
    "shipping_address.township": inside("shipping_address", township="Üsküdar"),
    "shipping_address.country_code": inside("shipping_address", country_code="de"),
    "billing_address.e_bill_taxpayer": inside("billing_address", e_bill_taxpayer=True),
    "items of more units": item(quantity=7),
    "items of fewer units": item(quantity=1),
    "items of other told units": item(told_quantity=1),
    "items of no told units": item(told_quantity=0),
    "items of another price": item(price="748.99"),
    "items of another discount": item(discount_amount="0.01"),
    "items of another tax": item(tax_rate="10.00"),
    "items in another currency": item(currency=""),
    "items of another product": lambda order: item(
        sku="SKU-OTHER", product=Product.objects.create(sku="SKU-OTHER", name="Other")
    )(order),
    "items lost": lambda order: OrderItem.objects.filter(upstream_id=order.upstream_id * 10).delete(),
}


def mended(names):
    """Each order's difference (order → what was done to it) is found and previewed, and nothing is left after reading again."""
    row = run()
    found = {int(one.key): one for one in row.conflicts.all()}
    assert {pk: [one["field"] for one in conflict.fields] for pk, conflict in found.items()} == {
        pk: [name.partition(" ")[0]] for pk, name in names.items()
    }
    assert {(one.kind, one.case, one.owner, one.remedy) for one in found.values()} == {
        ("order", "same_version", "seller_center", "read_again")
    }
    assert row.state == "ready" and all(
        one.fields[0]["ours"] != one.fields[0]["theirs"] for one in found.values()
    )
    reconcile.apply(row.pk, now=clock.now())
    row = follow(row)
    assert (row.state, row.repaired, row.refused, row.unconfirmed) == ("done", len(names), 0, 0), list(
        row.conflicts.values("key", "reason")
    )
    again = run()
    assert (again.state, again.found) == ("done", 0), [one.fields for one in again.conflicts.all()]


def dealt(flips):
    """Which order each of these is done to."""
    names = sorted(flips)
    random.Random(20260115).shuffle(names)
    return dict(enumerate(names, start=FIRST))


def test_a_field_of_an_order_changed_there_alone_is_found_named_and_taken(made, partner):
    names = dealt(THERE)
    for pk, name in names.items():
        record = copy.deepcopy(partner.orders[pk])
        THERE[name](record)
        partner.offer(record)
    mended(names)


def test_a_field_of_an_order_changed_here_alone_is_found_named_and_put_right(made, partner):
    names, before = dealt(HERE), lines()
    for pk, name in names.items():
        HERE[name](Order.objects.get(upstream_id=pk))
    requests = partner.requests()
    mended(names)
    assert partner.requests() - requests < 20
    assert lines() == before
    assert not CancellationRequest.objects.exists()


def lines():
    """Everything that is kept of the lines, by upstream id."""
    rows = OrderItem.objects.values_list(
        "upstream_id",
        "sku",
        "product_id",
        "quantity",
        "told_quantity",
        "price",
        "discount_amount",
        "tax_rate",
        "currency",
    )
    return {row[0]: row[1:] for row in rows}


def test_fewer_units_there_under_the_same_version_are_taken_as_a_wish_of_upstream(made, partner):
    record = copy.deepcopy(partner.orders[FIRST])
    THERE["items of other units"](record)
    line_of(record)["attributes"]["quantity"] = "2"
    partner.offer(record)
    mended({FIRST: "items"})
    assert lines()[LINE][2:4] == (Decimal(3), Decimal(2))
    assert CancellationRequest.objects.get().quantity == 1


def test_units_a_damaged_row_hid_are_planned(made, partner):
    Order.objects.filter(pk=made.pk).update(planning_state="planned")
    HERE["items of fewer units"](made)
    mended({FIRST: "items"})
    made.refresh_from_db()
    assert made.planning_state == "new"


def test_a_line_that_packages_hold_units_of_is_not_planned_a_second_time(made, partner, world):
    package(world, order_id=made.pk, reserved_at=None)
    partner.hear()
    lost = OrderItem.objects.get(upstream_id=LINE)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM oms_orders_orderitem WHERE id = %s", [lost.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    row = run(apply=True)
    (conflict,) = row.conflicts.filter(kind="order")
    assert (conflict.state, "Packages hold units" in conflict.reason) == ("refused", True)
    assert OrderItem.objects.filter(order=made).count() == 1
    PackageItem.objects.filter(order_item_id=lost.pk).delete()


def test_a_record_nobody_can_read_any_more_is_named_and_ends_in_quarantine(made, partner):
    partner.offer({**partner.orders[FIRST], "amount": "much"})
    row = run(apply=True)
    (conflict,) = row.conflicts.all()
    assert conflict.fields[0]["field"] == "record" and "amount" in conflict.fields[0]["theirs"]
    assert (conflict.state, conflict.reason.startswith("In quarantine: amount")) == ("refused", True)


def test_an_order_that_changes_there_while_it_is_looked_at_is_under_way(made, partner):
    """What was compared was the version before; the newer one is read by intake, whatever it says."""
    record = copy.deepcopy(partner.orders[FIRST])
    THERE["notes"](record)
    partner.offer(record)
    place = "GET", f"{there.PREFIX}/orders/"
    listed = partner.upstream.routes[place]

    def later(query, body):
        partner.offer({**record, "modified_date": "2026-01-15T09:59:59.000000Z"})
        return listed(query, body)

    partner.upstream.routes[place] = later
    row = run()
    assert (row.found, row.under_way) == (0, 1)


def test_orders_that_were_not_taken_are_looked_at_once_and_cost_nothing_more(made, partner):
    nowhere = upstream.moved(upstream.order(FIRST + 31), "township", "Nowhere", 999)
    refused = upstream.order(FIRST + 32, supplier_code="SOMEBODY-ELSE")
    partner.offer(nowhere, refused)
    take_orders(
        [nowhere, refused], source=upstream.SOURCE, configured=Configured(supplier_code="AMBAR-01"), now=T0
    )
    assert run().found == 0
    assert AgreedOrder.objects.filter(ours="").count() == 2
    before = partner.requests()
    assert (run().found, partner.requests() - before) == (0, 2)


def test_units_cancelled_here_and_not_told_yet_are_no_damage(made, partner):
    """Whole lines and parts of lines, before upstream hears of it, after it did, and after it left them out."""
    whole, part = OrderItem.objects.filter(order=made).order_by("-upstream_id")
    cancel(whole, 1)
    cancel(part, 1)
    assert run().found == 0
    before = partner.requests()
    assert (run().found, partner.requests() - before) == (0, 2)
    told = upstream.order(FIRST, at=T0 + timedelta(hours=3))
    told["orderitem_set"][1]["status"] = "100"
    told["orderitem_set"][0]["attributes"] = {"quantity": "2"}
    told["orderitem_set"][0]["price"] = "499.33"
    told["delivery_range"] = "2026-01-16 10:00-12:00"
    partner.offer(told)
    take(told)
    assert run().found == 0
    assert lines()[LINE][2:5] == (Decimal(3), Decimal(2), Decimal("749.00"))
    before = partner.requests()
    assert (run().found, partner.requests() - before) == (0, 2)


def cancel(row, units):
    OrderItem.objects.filter(pk=row.pk).update(
        cancelled_quantity=units, state=100 if units == row.quantity else row.state
    )


def test_an_earlier_seller_center_is_compared_by_modification_and_said_so(made, partner):
    partner.knows_orders = False
    partner.orders[FIRST]["amount"] = "1.00"
    row = run()
    assert (row.state, row.found, row.unknown) == ("done", 0, [Reconciliation.ORDERS_UNKNOWN])
    statement = close_day.draw_up(None, now=clock.now())
    assert [text for text in statement.body["unknown"] if text.startswith("Whether the fields of orders")]
    there.lose_order(made.pk)
    assert [one.case for one in run().conflicts.all()] == ["only_there"]

"""What a set of package events costs: found by name, written once, nothing asked that is known (decision 109)."""

import orjson
import pytest
from django.db import connection

from ambar.kit import work
from ambar.seller_center.orders.models import Order, OrderItem
from ambar.seller_center.packages import store
from ambar.seller_center.packages.models import Package, PackageItem
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 3000


def send(type_: str, **payload):
    body = market.envelope(market.package(**payload), type_)
    answer = market.oms().post(f"{market.OMS}/packages/update-status/", body)
    assert answer.status_code in (200, 201), answer.content


def applied():
    """The statements that changed anything while the waiting events were applied."""
    seen = []

    def note(execute, sql, *rest):
        seen.append(" ".join(sql.split()))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        work.run_loop("sc_packages")
    return [one for one in seen if " sc_" in one and not one.startswith("SELECT")]


@pytest.fixture
def order():
    market.take(market.shop_order(21, items=[(1, "AMB-1", "AMBAR-01"), (2, "AMB-2", "AMBAR-01")]))
    return Order.objects.get()


def test_packages_are_found_by_their_names_in_a_table_nobody_has_analysed():
    seller = market.seller().pk
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sc_packages_package SET (autovacuum_enabled = off)")
        # Whoever came before: a table that was vacuumed while it was empty is taken for one of a row for ever.
        cursor.execute("SELECT pg_clear_relation_stats('public', 'sc_packages_package')")
        cursor.execute(
            "SELECT pg_clear_attribute_stats('public', 'sc_packages_package', attname, false)"
            " FROM pg_attribute WHERE attrelid = 'sc_packages_package'::regclass AND attnum > 0 AND NOT attisdropped"
        )
        cursor.execute(
            "INSERT INTO sc_packages_package (seller_id, number, origin, status, tracking_numbers, created_at, modified_at)"
            " SELECT %s, 'P' || n, 'oms', 1, '{}', now(), now() FROM generate_series(1, %s) n",
            [seller, MANY],
        )
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + store._LOCK,
            store._keys([(seller, f"P{MANY}"), (seller, f"P{MANY - 1}")]),
        )
        found = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE sc_packages_package RESET (autovacuum_enabled)")
    plan = (orjson.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    assert plan["Actual Rows"] == 2
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 30, plan


def test_the_next_event_of_a_package_writes_the_package_its_items_and_its_history(order):
    lines = [(item.pk, item.sku) for item in OrderItem.objects.order_by("pk")]
    send("package.created", order_id=order.pk, items=lines)
    work.run_loop("sc_packages")
    assert set(OrderItem.objects.values_list("packaging", flat=True)) == {"packaged"}
    send("package.status.preparing", order_id=order.pk, items=lines, state=200, sequence=2)
    said = applied()
    assert [one.split(" SET ")[0].split(" (")[0] for one in said] == [
        "UPDATE sc_packages_package p",
        "UPDATE sc_packages_packageitem i",
        "INSERT INTO sc_packages_packagehistory",
    ]
    package = Package.objects.get(origin="oms")
    assert (package.status, package.state_code, package.sequence, package.order_id) == (1, 200, 2, order.pk)
    assert set(PackageItem.objects.filter(package=package).values_list("state_code", flat=True)) == {200}


def test_items_that_come_into_a_known_package_count_as_packaged(order):
    first, second = OrderItem.objects.order_by("pk")
    send("package.created", order_id=order.pk, items=[(first.pk, first.sku)])
    work.run_loop("sc_packages")
    both = [(first.pk, first.sku), (second.pk, second.sku)]
    send("package.status.preparing", order_id=order.pk, items=both, state=200, sequence=2)
    work.run_loop("sc_packages")
    assert set(OrderItem.objects.values_list("packaging", flat=True)) == {"packaged"}


def test_a_package_that_goes_to_another_order_takes_the_place_of_its_default(order):
    market.take(market.shop_order(22, items=[(3, "AMB-3", "AMBAR-01")]))
    other = Order.objects.exclude(pk=order.pk).get()
    send("package.created", order_id=order.pk)
    work.run_loop("sc_packages")
    send("package.status.preparing", order_id=other.pk, state=200, sequence=2)
    work.run_loop("sc_packages")
    package = Package.objects.get(origin="oms")
    assert (package.order_id, package.order_number) == (other.pk, other.number)
    assert Package.objects.get(origin="default", order=other).retired_at is not None


ODD = 'a\\"b,{c} NULL ç'


def test_odd_texts_are_written_as_they_came_and_a_null_takes_them_away(order):
    odd = {"shipping_company": ODD, "invoice_number": ODD, "tracking_number": ODD, "currency": "{,}"}
    for sequence, type_ in enumerate(("package.created", "package.status.preparing"), start=1):
        send(type_, order_id=order.pk, sequence=sequence, **odd)
        work.run_loop("sc_packages")
        package = Package.objects.get(origin="oms")
        assert (package.shipping_company, package.invoice_number, package.currency) == (ODD, ODD, "{,}")
        assert package.tracking_numbers == [ODD]
    send(
        "package.status.preparing", order_id=order.pk, sequence=3, shipping_company=None, invoice_number=None
    )
    work.run_loop("sc_packages")
    package.refresh_from_db()
    assert (package.shipping_company, package.invoice_number) == (None, None)
    assert package.tracking_numbers == [ODD]

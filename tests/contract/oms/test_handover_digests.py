"""The hand-over's digests and rows as agreed, from the OMS's side: the same as the Seller Center's of the same records."""

import json
from datetime import UTC, datetime

import pytest

from ambar.kit import clock
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.shipments.models import Shipment, ShipmentPackage
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.configured import Configured
from tests.worlds.callers import caller
from tests.worlds.handover_fields import FIELDS
from tests.worlds.handover_orders import order_mark, variants
from tests.worlds.oms_records import T0, build, package, take
from tests.worlds.oms_upstream import CONTRACTS, SOURCE, forget, teach_places

pytestmark = pytest.mark.django_db
PACKAGES = (
    ("AMB-1P1", 100, 1, datetime(2026, 1, 15, 0, 0, tzinfo=UTC)),
    ("AMB-1P2", 500, 3, datetime(2026, 1, 15, 12, 0, tzinfo=UTC)),
    ("AMB-1P3", 500, 3, datetime(2026, 1, 15, 23, 59, 59, 999999, tzinfo=UTC)),
    ("AMB-2P1", 500, 4, datetime(2026, 1, 16, 0, 0, tzinfo=UTC)),
)


def golden(name):
    return json.loads((CONTRACTS / f"handover/{name}.json").read_text())


@pytest.fixture
def golden_world(db):
    """The records the golden messages are about; what a package is now is not what was told of it."""
    world = build()
    orders = {}
    for pk, at, _ in golden("orders.rows")["results"]:
        orders[pk] = take(world, upstream_id=pk, upstream_modified_at=clock.parse(at))
    for number, state, sequence, at in PACKAGES:
        made = package(world, order_id=orders[7001 if number.startswith("AMB-1") else 7002])
        Package.objects.filter(pk=made.id).update(
            number=number, state=930, previous_state=100, sequence=99, told_state=state, told_sequence=sequence, created_at=at,
        )  # fmt: skip
    return world


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("packages/digests/", {}, "packages.digests"),
        ("packages/digests/", {"place": "2026-01-15/500", "digits": "2"}, "packages.digests.finer"),
        ("packages/rows/", {"place": "2026-01-15/500"}, "packages.rows"),
        ("packages/rows/", {"place": ["2026-01-15/500/de", "2026-01-15/500/fd"]}, "packages.rows"),
        ("orders/digests/", {"bits": "8"}, "orders.digests"),
        ("orders/digests/", {"bits": "8", "place": "6912-7168"}, "orders.digests"),
        ("orders/rows/", {"place": "7001-7003"}, "orders.rows"),
    ],
)
def test_digests_and_rows_are_those_of_the_contract(golden_world, path, query, name):
    answer = caller("planner").get(f"/handover/{path}", **query)
    got = answer.json()
    got["results"].sort(key=str)
    assert got == golden(name)


def dress(world):
    """Give the packages the fields the golden messages are about; of several parcels the newest number is told."""
    for number, (state, amount, company, invoice, numbers, place, items) in FIELDS.items():
        row = Package.objects.get(number=number)
        where = StockLocation.objects.get_or_create(name=place, defaults={"erp_code": place})[0]
        Package.objects.filter(pk=row.pk).update(
            told_state=state, amount=amount, shipping_company=company, invoice_number=invoice, location=where
        )
        for sku, quantity in items:
            PackageItem.objects.filter(package=row, product=world.products[sku]).update(quantity=quantity)
        for awb in numbers:
            parcel = Shipment.objects.create(
                state="SHIPPING", awb_number=awb, sequence=1, created_at=T0, modified_at=T0
            )
            ShipmentPackage.objects.create(shipment=parcel, package=row)


@pytest.mark.parametrize("name", ["digests", "rows"])
def test_the_fields_of_packages_come_to_the_marks_of_the_contract(golden_world, name):
    dress(golden_world)
    got = caller("planner").get(f"/handover/packages/{name}/", fields="1").json()
    got["results"].sort(key=str)
    assert got == golden(f"packages.{name}.fields")


@pytest.fixture
def taken_variants(db):
    """The orders of the golden messages, read as any others are."""
    forget()
    teach_places()
    yield take_orders(variants(), source=SOURCE, configured=Configured(), now=T0)
    forget()


@pytest.mark.parametrize(("depth", "covered"), [(1, "fields"), (2, "statuses")])
@pytest.mark.parametrize(("name", "query"), [("digests", {"bits": "8"}), ("rows", {})])
def test_the_fields_of_orders_come_to_the_marks_of_the_contract(taken_variants, name, query, depth, covered):
    got = caller("planner").get(f"/handover/orders/{name}/", fields=str(depth), **query).json()
    assert got == golden(f"orders.{name}.{covered}")
    if name == "rows":
        assert [row[3] for row in got["results"]] == [order_mark(record, depth) for record in variants()]


def test_orders_of_another_source_and_of_no_upstream_are_not_compared(golden_world):
    take(golden_world, source="omnitron", upstream_id=7001)
    Order.objects.filter(source="omnitron").update(upstream_modified_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert caller("planner").get("/handover/orders/rows/").json() == golden("orders.rows")

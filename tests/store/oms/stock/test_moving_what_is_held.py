"""Restoring what was consumed, moving goods and reservations between holders."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from ambar.oms.stock import arrivals, holdings, queries, store
from ambar.oms.stock.domain.reservations import Held, MoveLine, NotHeld, ReserveLine
from ambar.oms.stock.models import Balance
from tests.worlds.oms_planning import NOW, make_locations, make_products, put_stock

pytestmark = pytest.mark.django_db
GIVEN = {"reason": "test", "cause": None, "now": NOW}


@pytest.fixture
def world():
    places, products = make_locations(2), make_products(1)
    put_stock({(places[0], products[0]): 10})
    arrivals.take(100)
    return (*places, products[0])


def line(place, product, quantity, holder, kind="package_item"):
    return ReserveLine(
        location_id=place, product_id=product, quantity=Decimal(quantity), holder_kind=kind, holder_id=holder
    )


def move(world, quantity, *, to=1, start=0, to_id=2):
    return MoveLine(
        from_kind="transfer_item", from_id=1, to_kind="package_item", to_id=to_id, product_id=world[2],
        quantity=Decimal(quantity), from_location=world[start], to_location=world[to],
    )  # fmt: skip


def balances():
    return {
        row.location_id: (int(row.on_hand), int(row.reserved), int(row.short))
        for row in Balance.objects.all()
    }


def held(kind, number):
    return [(one.location_id, int(one.quantity)) for one in holdings.read(kind, [number])]


def test_what_was_consumed_is_restored_once(world):
    first, _, product = world
    store.reserve([line(first, product, 4, 1)], **GIVEN)
    store.consume([Held(holder_kind="package_item", holder_id=1)], **GIVEN)
    assert balances()[first] == (6, 0, 0)
    assert holdings.restore([line(first, product, 4, 1)], **GIVEN) == 4
    assert holdings.restore([line(first, product, 4, 1)], **GIVEN) == 0
    assert balances()[first] == (10, 0, 0)
    assert arrivals.take(100)[1] == {product}
    assert queries.check() == []


def test_only_what_was_consumed_comes_back_and_in_parts(world):
    first, _, product = world
    store.reserve([line(first, product, 4, 1)], **GIVEN)
    store.consume([Held(holder_kind="package_item", holder_id=1)], **GIVEN)
    assert holdings.restore([line(first, product, 1, 1), line(first, product, 1, 1)], **GIVEN) == 2
    assert holdings.restore([line(first, product, 9, 1)], **GIVEN) == 2
    assert holdings.restore([line(first, product, 1, 77)], **GIVEN) == 0
    assert balances()[first] == (10, 0, 0)


def test_what_comes_back_fills_the_gap_of_a_short_count_first(world):
    first, _, product = world
    store.reserve([line(first, product, 4, 1), line(first, product, 5, 2)], **GIVEN)
    store.consume([Held(holder_kind="package_item", holder_id=1)], **GIVEN)
    put_stock({(first, product): 2})
    assert balances()[first] == (5, 5, 3)
    arrivals.take(100)
    assert holdings.restore([line(first, product, 4, 1)], **GIVEN) == 4
    assert balances()[first] == (6, 5, 0)
    assert holdings.restore([line(first, product, 4, 1)], **GIVEN) == 0
    assert queries.check() == []


def test_delivered_goods_leave_the_source_and_stay_reserved_at_the_destination(world):
    first, second, product = world
    store.reserve([line(first, product, 4, 1, "transfer_item")], **GIVEN)
    holdings.move_goods([move(world, 3)], **GIVEN)
    assert balances() == {first: (7, 1, 0), second: (3, 3, 0)}
    assert (held("transfer_item", 1), held("package_item", 2)) == ([(first, 1)], [(second, 3)])
    assert arrivals.take(100) == (0, frozenset())
    with pytest.raises(NotHeld) as refused, transaction.atomic():
        holdings.move_goods([move(world, 1), move(world, 1)], **GIVEN)
    assert refused.value.missing == (("transfer_item", 1, first, product, Decimal(2), Decimal(1)),)
    assert balances() == {first: (7, 1, 0), second: (3, 3, 0)}
    assert queries.check() == []


def test_a_reservation_in_the_way_passes_to_the_package_that_is_ready(world):
    """Trap 16: what was reserved for one package is seen and moved to another that is ready."""
    first, _, product = world
    store.reserve([line(first, product, 10, 1, "transfer_item")], **GIVEN)
    with pytest.raises(store.NotEnoughStock), transaction.atomic():
        store.reserve([line(first, product, 1, 2)], **GIVEN)
    holdings.move_reservation([move(world, 6, to=0)], **GIVEN)
    assert (held("transfer_item", 1), held("package_item", 2)) == ([(first, 4)], [(first, 6)])
    assert balances()[first] == (10, 10, 0)
    with pytest.raises(NotHeld), transaction.atomic():
        holdings.move_reservation([move(world, 5, to=0)], **GIVEN)
    with pytest.raises(ValueError, match="within one location"):
        holdings.move_reservation([move(world, 1)], **GIVEN)
    assert queries.check() == []


@pytest.mark.parametrize(
    "off", [(), ("hashjoin", "hashagg"), ("hashjoin", "mergejoin", "hashagg", "material")]
)
def test_no_more_arrivals_are_taken_than_asked_for_whatever_the_plan(world, off):
    first, _, product = world
    for figure in range(11, 16):
        put_stock({(first, product): figure})
    with transaction.atomic(), connection.cursor() as cursor:
        for way in off:
            cursor.execute(f"SET LOCAL enable_{way} = off")
        assert [arrivals.take(2)[0] for _ in range(3)] == [2, 2, 1]


def test_arrivals_are_noted_when_more_becomes_available_and_taken_once(world):
    first, _, product = world
    store.reserve([line(first, product, 4, 1)], **GIVEN)
    put_stock({(first, product): 8})
    assert arrivals.take(10) == (0, frozenset())
    store.release([Held(holder_kind="package_item", holder_id=1, quantity=Decimal(1))], **GIVEN)
    put_stock({(first, product): 9})
    assert arrivals.take(1) == (1, {product})
    assert arrivals.take(10) == (1, {product})
    assert arrivals.take(10) == (0, frozenset())

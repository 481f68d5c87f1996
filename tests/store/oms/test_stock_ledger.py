"""Reserving, releasing, consuming and counting stock against the real database."""

import random
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ambar.oms.stock import queries, store
from ambar.oms.stock.counts import Counted, set_on_hand
from ambar.oms.stock.domain.reservations import Held, NotEnoughStock, ReserveLine
from ambar.oms.stock.models import Balance, LedgerEntry
from tests.worlds.oms_planning import NOW, make_locations, make_products, put_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys():
    places, products = make_locations(2), make_products(2)
    return [(place, product) for place in places for product in products]


def line(key, quantity, holder):
    return ReserveLine(
        location_id=key[0],
        product_id=key[1],
        quantity=Decimal(quantity),
        holder_kind="package_item",
        holder_id=holder,
    )


def held(holder, quantity=None):
    return Held(
        holder_kind="package_item", holder_id=holder, quantity=None if quantity is None else Decimal(quantity)
    )


def balance(key):
    row = Balance.objects.get(location_id=key[0], product_id=key[1])
    return str(row.on_hand.normalize()), str(row.reserved.normalize()), str(row.short.normalize())


def take(*lines):
    store.reserve(lines, reason="test", cause=None, now=NOW)


def test_two_lines_of_one_product_are_added_up_before_the_check(keys):
    """Trap 4: the same product on two lines is added up before the check."""
    put_stock({keys[0]: 3})
    with pytest.raises(NotEnoughStock) as refused:
        take(line(keys[0], 2, 1), line(keys[0], 2, 2))
    assert [(m.location_id, m.product_id, m.wanted, m.available) for m in refused.value.missing] == [
        (*keys[0], Decimal(4), Decimal(3))
    ]
    assert balance(keys[0]) == ("3", "0", "0")
    assert not LedgerEntry.objects.filter(kind="reserve").exists()


def test_earlier_reservations_count(keys):
    put_stock({keys[0]: 3})
    take(line(keys[0], 2, 1))
    with pytest.raises(NotEnoughStock):
        take(line(keys[0], 2, 2))
    assert balance(keys[0]) == ("3", "2", "0")


def test_all_or_nothing_over_several_keys(keys):
    put_stock({keys[0]: 5, keys[1]: 1})
    with pytest.raises(NotEnoughStock):
        take(line(keys[0], 1, 1), line(keys[1], 2, 1))
    assert (balance(keys[0]), balance(keys[1])) == (("5", "0", "0"), ("1", "0", "0"))


def test_groups_that_fit_are_taken_and_the_others_reported(keys):
    put_stock({keys[0]: 3, keys[1]: 1})
    refused = store.reserve_by_group(
        {
            "first": [line(keys[0], 2, 1)],
            "second": [line(keys[0], 2, 2), line(keys[1], 1, 3)],
            "third": [line(keys[0], 1, 4), line(keys[1], 1, 5)],
        },
        reason="test",
        cause=None,
        now=NOW,
    )
    assert {group: [(m.wanted, m.available) for m in missing] for group, missing in refused.items()} == {
        "second": [(Decimal(2), Decimal(1))]
    }
    assert (balance(keys[0]), balance(keys[1])) == (("3", "3", "0"), ("1", "1", "0"))


def test_release_gives_back_once_and_in_parts(keys):
    put_stock({keys[0]: 5})
    take(line(keys[0], 4, 1))
    assert store.release([held(1, "1.5")], reason="part", cause=None, now=NOW) == {
        ("package_item", 1): Decimal("1.5")
    }
    assert balance(keys[0]) == ("5", "2.5", "0")
    store.release([held(1)], reason="rest", cause=None, now=NOW)
    assert store.release([held(1)], reason="again", cause=None, now=NOW) == {}
    assert balance(keys[0]) == ("5", "0", "0")
    assert queries.check() == []


def test_consume_takes_from_on_hand_and_reserved_once(keys):
    put_stock({keys[0]: 5})
    take(line(keys[0], 4, 1))
    store.consume([held(1)], reason="packed", cause=None, now=NOW)
    assert store.consume([held(1)], reason="packed", cause=None, now=NOW) == {}
    assert balance(keys[0]) == ("1", "0", "0")
    assert queries.check() == []


def test_a_feed_below_the_reserved_is_told_and_leaves_nothing_available(keys):
    put_stock({keys[0]: 10})
    take(line(keys[0], 5, 1))
    row = Counted(location_id=keys[0][0], product_id=keys[0][1], on_hand=Decimal(3))
    applied = set_on_hand([row], reason="feed", cause=None, now=NOW)
    assert applied.short == {keys[0]: Decimal(2)}
    assert balance(keys[0]) == ("5", "5", "2")
    store.release([held(1, 3)], reason="cancelled", cause=None, now=NOW)
    assert balance(keys[0]) == ("3", "2", "0")
    assert queries.available(None, [keys[0][1]]) == {keys[0]: Decimal(1)}
    assert queries.available([keys[0][0]], [keys[0][1]]) == {keys[0]: Decimal(1)}
    assert queries.check() == []


def test_the_database_forbids_what_code_might_try(keys):
    """Trap 1: what no code may do, the database forbids."""
    put_stock({keys[0]: 1})
    for change in ("reserved = -1", "reserved = 2", "short = -1"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE oms_stock_balance SET {change}")
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM oms_stock_ledgerentry")


def test_the_standing_check_names_a_balance_the_ledger_does_not_explain(keys):
    put_stock({keys[0]: 4})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE oms_stock_balance SET on_hand = 5")
    (found,) = queries.check()
    assert (found.location_id, found.product_id, found.on_hand, found.ledger_on_hand) == (*keys[0], 5, 4)


def test_a_random_history_keeps_ledger_and_balances_equal(keys):
    chance = random.Random(7)
    for step in range(150):
        key, holder = chance.choice(keys), chance.randint(1, 12)
        act = chance.choice(["count", "reserve", "reserve", "release", "consume"])
        quantity = Decimal(chance.randint(1, 60)) / 10
        with transaction.atomic():
            if act == "count":
                put_stock({key: quantity * 3})
            elif act == "reserve":
                try:
                    take(line(key, quantity, holder))
                except NotEnoughStock:
                    continue
            else:
                part = None if step % 2 else str(quantity)
                getattr(store, act)([held(holder, part)], reason=act, cause=None, now=NOW)
    assert queries.check() == []
    assert LedgerEntry.objects.count() > 50

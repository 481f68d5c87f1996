"""The locks themselves: while one holds a row, whoever needs it waits for it, or passes it by where that is the rule.

Races in other files show that the outcome is right; here the second caller comes while the first is known to be in the
middle, so that a lock which is gone is noticed every time.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from ambar.oms.locations.domain.quota import QuotaExceeded
from ambar.oms.locations.models import QuotaUsed, StockLocation
from ambar.oms.locations.store import lock_quota, move_quota
from ambar.oms.orders import store as orders
from ambar.oms.packages import store as packages
from ambar.oms.packages.models import Package
from ambar.oms.planning.actions import plan_orders as planner
from ambar.oms.stock import queries, store
from ambar.oms.stock.domain.reservations import Held, NotEnoughStock, ReserveLine
from ambar.oms.stock.models import Balance
from tests.worlds.oms_planning import (
    NOW,
    make_locations,
    make_orders,
    make_products,
    make_scenario,
    put_stock,
)
from tests.worlds.waiting import LONG_SECONDS, until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)

WAITS = "waits"


def elsewhere(act: Callable[[], Any], *, patience: str = "300ms") -> Any:
    """What `act` gives in a transaction on a connection of its own, or that it waits for a lock."""

    def run() -> Any:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("select set_config('lock_timeout', %s, true)", [patience])
                return act()
        except OperationalError as error:
            if "lock timeout" not in str(error):
                raise
            return WAITS
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as crew:
        return crew.submit(run).result(LONG_SECONDS)


@pytest.fixture
def key():
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 5})
    return place, product


def line(key, quantity, holder):
    return ReserveLine(
        location_id=key[0],
        product_id=key[1],
        quantity=Decimal(quantity),
        holder_kind="package_item",
        holder_id=holder,
    )


def reserve(key, quantity, holder):
    store.reserve([line(key, quantity, holder)], reason="test", cause=None, now=NOW)


def reserved(key):
    return Balance.objects.get(location_id=key[0], product_id=key[1]).reserved


def test_whoever_looks_at_a_balance_waits_for_who_takes_from_it(key):
    with transaction.atomic():
        reserve(key, 5, 1)
        assert elsewhere(lambda: store.lock_balances([key])) == WAITS
    assert elsewhere(lambda: store.lock_balances([key])) == {key: Decimal(0)}


def test_taking_more_than_is_free_is_refused_by_the_statement_itself(key):
    """Should a caller forget the lock, or have looked before somebody else took."""
    with pytest.raises(NotEnoughStock) as refused, transaction.atomic():
        store.take_locked([line(key, 6, 1)], {key: Decimal(6)}, reason="test", cause=None, now=NOW)
    assert [(one.wanted, one.available) for one in refused.value.missing] == [(Decimal(6), Decimal(5))]
    assert (reserved(key), queries.check()) == (0, [])


def take_all(*lines):
    return store.take_all(lines, reason="test", cause=None, now=NOW)


def test_a_set_that_is_too_much_somewhere_is_told_so_and_waits_for_who_is_before_it(key):
    """The planner's way: no look beforehand, one statement that locks and takes."""
    with transaction.atomic():
        reserve(key, 4, 1)
        assert elsewhere(lambda: take_all(line(key, 2, 2))) == WAITS
    with transaction.atomic():
        assert not take_all(line(key, 1, 2), line(key, 1, 3))
        transaction.set_rollback(True)
    assert take_all(line(key, 1, 2))
    assert (reserved(key), queries.check()) == (5, [])


def test_a_set_locks_in_the_global_order_whatever_the_order_of_its_lines():
    (place,), products = make_locations(1), make_products(1000)
    put_stock(dict.fromkeys([(place, product) for product in products], 5))
    with connection.cursor() as cursor:
        # Known to be long, the table is not read along its index, which would come by the rows in order.
        cursor.execute("analyze oms_stock_balance")
    keys = [(place, product) for product in products[::25]]
    backwards = [line(key, 1, n) for n, key in enumerate(reversed(keys), 1)]
    middle = len(keys) // 2

    def left_alone():
        with connection.cursor() as cursor:
            cursor.execute("select location_id, product_id from oms_stock_balance for update skip locked")
            return set(cursor.fetchall())

    with ThreadPoolExecutor(1) as crew:

        def second():
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    # No plan happens to come by the rows in order: only being told to brings them into one.
                    for way in ("sort", "hashjoin", "mergejoin", "seqscan"):
                        cursor.execute(f"set local enable_{way} = off")
                    return take_all(*backwards)
            finally:
                connection.close()

        with transaction.atomic():
            store.lock_balances(keys[middle : middle + 1])
            waiting = crew.submit(second)
            until_somebody_waits_for_a_lock()
            # All before it are locked and none behind it: no other order comes by that, not even by luck.
            assert elsewhere(left_alone) & set(keys) == set(keys[middle + 1 :]), "locked out of order"
        assert waiting.result(LONG_SECONDS) is True


def test_of_two_who_give_back_at_once_one_gives_and_the_other_finds_nothing(key):
    """The second has read what the holder holds when the first gives it back; it reads again once it has the lock."""
    reserve(key, 3, 1)
    reserve(key, 1, 2)
    gone = Held(holder_kind="package_item", holder_id=1)

    def release():
        return store.release([gone], reason="test", cause=None, now=NOW)

    with ThreadPoolExecutor(1) as crew:

        def second():
            try:
                return release()
            finally:
                connection.close()

        with transaction.atomic():
            store.lock_balances([key])
            waiting = crew.submit(second)
            until_somebody_waits_for_a_lock()
            assert release() == {("package_item", 1): Decimal(3)}
        assert waiting.result(LONG_SECONDS) == {}
    assert (reserved(key), queries.check()) == (1, [])


def test_the_last_of_a_quota_goes_to_one_of_two(key):
    place = key[0]
    StockLocation.objects.update(max_quota=1)
    lock_quota([place])
    with transaction.atomic():
        move_quota({place: 1}, guarded=[place])
        assert elsewhere(lambda: lock_quota([place])) == WAITS
    with pytest.raises(QuotaExceeded):
        move_quota({place: 1}, guarded=[place])
    assert QuotaUsed.objects.get(location_id=place).used == 1


def test_an_order_is_claimed_by_one_planner_and_the_other_passes_it_by(key):
    first, second = make_orders([[(key[1], 1)]] * 2)
    with transaction.atomic():
        assert [order.id for order in orders.claim_new(1, NOW)] == [first]
        assert elsewhere(lambda: [order.id for order in orders.claim_new(5, NOW)]) == [second]


def test_a_package_is_in_one_command_at_a_time(key):
    make_scenario(key[0])
    make_orders([[(key[1], 1)]])
    planner.plan_orders(limit=5, now=NOW)
    package = Package.objects.get()
    with transaction.atomic():
        assert list(packages.lock([package.pk])) != []
        # Its order is locked before it; the lock on the package itself is what is looked at here.
        assert elsewhere(lambda: _rows(packages._LOCK, [[package.pk], None, None])) == WAITS


def _rows(statement, parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()

"""Two hundred callers want the last unit: from threads and from processes."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from ambar.oms.stock import queries, store
from ambar.oms.stock.domain.reservations import NotEnoughStock, ReserveLine
from ambar.oms.stock.models import Balance
from tests.worlds.oms_planning import NOW, make_locations, make_products, put_stock
from tests.worlds.waiting import LONG_SECONDS

PROCESS = """
import sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from decimal import Decimal
from datetime import UTC, datetime
from ambar.oms.stock import store
from ambar.oms.stock.domain.reservations import NotEnoughStock, ReserveLine
won = 0
for holder in range(int(sys.argv[4]), int(sys.argv[4]) + 50):
    line = ReserveLine(location_id=int(sys.argv[2]), product_id=int(sys.argv[3]), quantity=Decimal(1),
                       holder_kind="package_item", holder_id=holder)
    try:
        store.reserve([line], reason="race", cause=None, now=datetime.now(UTC))
        won += 1
    except NotEnoughStock as refused:
        assert refused.missing[0].available == 0, refused.missing
print(won)
"""


@pytest.mark.django_db(transaction=True)
def test_two_hundred_threads_and_one_unit():
    """Trap 1: 200 parallel wishes for the last unit, from threads: one wins, 199 end in a clean shortage."""
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 1})

    def want(holder):
        line = ReserveLine(
            location_id=place,
            product_id=product,
            quantity=Decimal(1),
            holder_kind="package_item",
            holder_id=holder,
        )
        try:
            store.reserve([line], reason="race", cause=None, now=NOW)
            return "won"
        except NotEnoughStock:
            return "short"
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(want, range(1, 201)))
    assert (answers.count("won"), answers.count("short")) == (1, 199)
    assert list(Balance.objects.values_list("on_hand", "reserved")) == [(1, 1)]
    assert queries.check() == []


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_two_hundred_wishes_from_four_processes_and_one_unit():
    """Trap 1: 200 wishes for the last unit, from four processes: one wins, balances are exact."""
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 1})
    name = connection.settings_dict["NAME"]
    arguments = [str(name), str(place), str(product)]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ambar.oms.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, *arguments, str(first)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for first in (1, 51, 101, 151)
    ]
    won = [int(process.communicate(timeout=5 * LONG_SECONDS)[0]) for process in running]
    assert sum(won) == 1
    assert list(Balance.objects.values_list("on_hand", "reserved")) == [(1, 1)]
    assert queries.check() == []

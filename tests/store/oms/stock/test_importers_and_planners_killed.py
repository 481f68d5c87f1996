"""Real processes: importers side by side, planners in between, kill -9 at any moment; the books stay right."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from ambar.kit import clock
from ambar.oms.stock import queries
from ambar.oms.stock.actions.import_file import import_slice, store_file
from ambar.oms.stock.models import Balance, Import
from tests.worlds.oms_planning import make_locations, make_products, put_stock
from tests.worlds.waiting import LONG_SECONDS, until

HEAD = """
import sys, random, time
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from decimal import Decimal
from ambar.kit import clock
"""
IMPORTER = (
    HEAD
    + """
from ambar.oms.stock.actions.import_file import import_slice
while import_slice(now=clock.now()):
    pass
"""
)
PLANNER = (
    HEAD
    + """
from ambar.oms.stock import store
from ambar.oms.stock.domain.reservations import Held, NotEnoughStock, ReserveLine
dice = random.Random(int(sys.argv[2]))
places, products = eval(sys.argv[3]), eval(sys.argv[4])
for holder in range(int(sys.argv[2]) * 1_000_000, int(sys.argv[2]) * 1_000_000 + 100_000):
    lines = [ReserveLine(location_id=dice.choice(places), product_id=product, quantity=Decimal(1), holder_kind="race",
                         holder_id=holder) for product in dice.sample(products, 5)]
    try:
        store.reserve(lines, reason="race", cause=None, now=clock.now())
    except NotEnoughStock:
        continue
    act = dice.choice([store.release, store.consume, None])
    if act:
        act([Held(holder_kind="race", holder_id=holder)], reason="race", cause=None, now=clock.now())
"""
)


def start(script, *arguments):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ambar.oms.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen([sys.executable, "-c", script, name, *map(str, arguments)], env=environment)


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait(LONG_SECONDS)


def put_file(codes, skus, figure, wrong=()):
    rows = [f"{code},{sku},{figure}\n" for code in codes for sku in skus]
    return store_file(("erp_code,sku,quantity\n" + "".join(rows) + "".join(wrong)).encode(), name="", bound_to=None,
                      user_id=None, now=clock.now())  # fmt: skip


def finish_here():
    until(lambda: not import_slice(now=clock.now()) and not Import.objects.exclude(state="done").exists())


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows_with_three_wrong_ones_beside_a_second_importer():
    """Trap 17: a file of 100,000 rows, 3 of them wrong, beside one of 20,000 on the same balances: good rows in, no deadlock."""
    make_locations(50)
    make_products(2000)
    codes = [f"WH{n:03}" for n in range(1, 51)]
    skus = [f"SKU-{n:05}" for n in range(1, 2001)]
    wrong = ["WH001,nothing,1\n", "NOWHERE,SKU-00001,1\n", "WH001,SKU-00001,many\n"]
    first = put_file(codes, skus, 5, wrong)
    second = put_file(codes[:10][::-1], skus[::-1], 6)
    importers = [start(IMPORTER), start(IMPORTER)]
    try:
        assert [one.wait(5 * LONG_SECONDS) for one in importers] == [0, 0]
    finally:
        for one in importers:
            end(one)
    for made in (first, second):
        made.refresh_from_db()
    assert (first.state, first.accepted, first.errors) == ("done", 100_000, 3)
    assert (second.state, second.accepted, second.errors) == ("done", 20_000, 0)
    assert list(first.wrong.order_by("line").values_list("line", "field")) == [
        (100_002, "sku"), (100_003, "erp_code"), (100_004, "quantity"),
    ]  # fmt: skip
    assert Balance.objects.filter(on_hand__in=[5, 6]).count() == 100_000
    assert queries.check() == []


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_importers_and_planners_killed_at_random_moments_leave_the_books_right():
    """Traps 3 and 23: importers and planners killed with kill -9 again and again: ledger = balances, the files go in."""
    dice = random.Random(7)
    places, products = make_locations(4), make_products(300)
    codes = [f"WH00{n}" for n in range(1, 5)]
    skus = [f"SKU-{n:05}" for n in range(1, 301)]
    put_stock({(place, product): 20 for place in places for product in products})
    files = [put_file(codes * 8, skus, 10 + n) for n in range(3)]
    running = [start(IMPORTER), *(start(PLANNER, n, places, products) for n in (1, 2))]
    try:
        for turn in range(4):
            time.sleep(0.8 + dice.random() * 0.7)
            place = dice.randrange(len(running))
            end(running[place])
            running[place] = start(IMPORTER) if place == 0 else start(PLANNER, 3 + turn, places, products)
            assert queries.check() == []
    finally:
        for one in running:
            end(one)
    finish_here()
    assert [(f.state, f.accepted, f.errors) for f in Import.objects.order_by("id")] == [("done", 9600, 0)] * 3
    assert files[0].rows == 9600
    assert queries.check() == []
    assert not Balance.objects.filter(reserved__gt=0, on_hand__lt=0).exists()

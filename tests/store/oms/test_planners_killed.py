"""Planner processes side by side, some killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from ambar.oms.locations.models import QuotaUsed, StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning.actions import replay
from ambar.oms.planning.models import Decision
from ambar.oms.stock import queries
from ambar.oms.stock.models import Balance
from tests.worlds.oms_planning import (
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
)
from tests.worlds.waiting import LONG_SECONDS

PLANNER = """
import sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from datetime import UTC, datetime
from ambar.oms.planning.actions.plan_orders import plan_orders
print("ready", flush=True)
while plan_orders(limit=4, now=datetime.now(UTC)):
    pass
"""
ORDERS = 160


def start():
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ambar.oms.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, "-c", PLANNER, name], stdout=subprocess.PIPE, text=True, env=environment
    )


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_planners_that_are_killed_leave_nothing_half_done_and_the_others_finish():
    """Traps 1, 13, 14 and 23: three planners, two of them killed at a random moment and started again."""
    places, products = make_locations(3), make_products(2)
    StockLocation.objects.update(max_quota=35)
    put_stock({(place, product): 45 for place in places for product in products})
    make_scenario(places[0], rules=[make_rule(selectors=["SELECT_BY_QUOTA"], split_policy="whole_order")])
    make_orders([[(products[n % 2], 1), (products[0], 1)] for n in range(ORDERS)])
    chance = random.Random(20)
    running = [start() for _ in range(3)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for _ in range(2):
        time.sleep(chance.uniform(0.02, 0.25))
        victim = running.pop(0)
        victim.send_signal(signal.SIGKILL)
        victim.wait(LONG_SECONDS)
        running.append(start())
    for process in running:
        assert process.wait(5 * LONG_SECONDS) == 0

    assert set(Order.objects.values_list("planning_state", flat=True)) == {"planned", "out_of_stock"}
    assert Package.objects.values("order_id").distinct().count() == Package.objects.count() == ORDERS
    assert Decision.objects.filter(outcome="planned").count() == ORDERS
    living = Package.objects.filter(state=100)
    used = dict(QuotaUsed.objects.values_list("location_id", "used"))
    assert all(count <= 35 for count in used.values())
    assert used == {place: living.filter(location_id=place).count() for place in places}
    held = sum(item.quantity for item in PackageItem.objects.filter(package__state=100))
    assert sum(balance.reserved for balance in Balance.objects.all()) == held
    assert all(balance.reserved <= balance.on_hand for balance in Balance.objects.all())
    assert queries.check() == []
    assert {one.verdict for one in replay.replay()} == {"same"}

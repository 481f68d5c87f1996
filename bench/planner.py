"""Orders planned per second: scenario rules, split, quota, packages, ledger, events and decision records.

    python -m bench.planner [orders] [workers] [batch] [locations] [products]

Uses the database `AMBAR_OMS_DATABASE_URL` (migrated, emptied by this program). Five lines per order, one to three
units each. Afterwards reserved = planned units exactly and the ledger explains every balance.
"""

import os
import random
import sys
import time
from datetime import UTC, datetime
from multiprocessing import Queue, get_context
from multiprocessing.synchronize import Barrier

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")

TABLES = (
    "oms_planning_decision, oms_planning_snapshot, oms_packages_packageitem, oms_packages_package, oms_orders_orderitem,"
    " oms_orders_order, oms_stock_balance, oms_stock_ledgerentry, oms_scenarios_distributionrule,"
    " oms_scenarios_distributionscenario, oms_locations_stocklocation, oms_locations_quotaused, oms_catalogue_product,"
    " oms_catalogue_channel"
)


def prepare(orders: int, places: int, products: int) -> None:
    from django.db import connection

    from tests.worlds import oms_planning as world

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
    ids = world.make_locations(places, max_quota=10_000_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_locations_stocklocation SET latitude = 36 + id %% 6, longitude = 27 + id %% 15", []
        )
    skus = world.make_products(products)
    for place in ids:
        world.put_stock({(place, sku): 100_000 for sku in skus})
    nearest = world.make_rule(
        split_policy="whole_order",
        location_condition={"field": "distance_km", "op": "lte", "value": 900},
        selectors=["SELECT_BY_QUOTA", "SELECT_BY_DISTANCE"],
    )
    world.make_scenario(ids[0], rules=[nearest, world.make_rule()])
    chance = random.Random(1)
    for first in range(1, orders + 1, 2000):
        count = min(2000, orders + 1 - first)
        lines = [[(sku, chance.randint(1, 3)) for sku in chance.sample(skus, 5)] for _ in range(count)]
        world.make_orders(lines, first=first, latitude="40.990700", longitude="29.027900")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def drain(batch: int, ready: Barrier, results: Queue) -> None:
    """One planner process: gets ready, waits for the others, plans until nothing waits; tells begin and end."""
    import django

    django.setup()
    from django.db import connection

    from ambar.oms.planning.actions.plan_orders import plan_orders

    connection.ensure_connection()
    ready.wait(60)
    begun = time.time()
    while plan_orders(limit=batch, now=datetime.now(UTC)):
        pass
    results.put((begun, time.time()))


def main() -> None:
    orders, workers, batch, places, products = (
        int(given) for given in [*sys.argv[1:], *("6000", "2", "300", "10", "1000")[len(sys.argv) - 1 :]]
    )
    import django

    django.setup()
    from django.db import connection, connections

    prepare(orders, places, products)
    connections.close_all()
    processes = get_context("spawn")
    ready, results = processes.Barrier(workers), processes.Queue()
    crew = [processes.Process(target=drain, args=(batch, ready, results)) for _ in range(workers)]
    for one in crew:
        one.start()
    times = [results.get(timeout=300) for _ in crew]
    for one in crew:
        one.join()
    seconds = max(end for _, end in times) - min(begun for begun, _ in times)
    from ambar.oms.stock import queries

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM oms_orders_order WHERE planning_state = 'planned'),"
            " (SELECT sum(reserved) FROM oms_stock_balance), (SELECT sum(quantity) FROM oms_orders_orderitem),"
            " (SELECT count(*) FROM oms_packages_package), (SELECT sum(used) FROM oms_locations_quotaused)"
        )
        planned, reserved, ordered, packages, quota = cursor.fetchone()
    assert planned == orders and reserved == ordered and packages == quota and queries.check() == []
    print(
        f"{orders} orders, {workers} workers, batches of {batch}: {orders / seconds:.0f} orders/s, {packages} packages"
    )


if __name__ == "__main__":
    main()

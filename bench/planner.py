"""Orders planned per second: scenario rules, split, quota, packages, ledger, events and decision records.

    python -m bench.planner [orders] [workers] [batch] [locations] [products] [--hot] [--already N] [--scattered] [--settled]

Uses the database `AMBAR_OMS_DATABASE_URL` (migrated, emptied by this program). Five lines per order, one to three
units each; with `--hot` all of them of one product. `--already`: so many planned orders stand there before. The balances
lie as `ambar oms stock tidy` leaves them; with `--scattered` as a feed of one location after the other does. `--settled`: what was laid is written
out before, not beside the measurement, for comparing databases of two sizes; every page then goes to the log whole once.
Afterwards reserved = planned units exactly and the ledger explains every balance. Tells how the time of the workers
splits (read, decide, write) and how their memory grew between the first tenth and the end.
"""

import argparse
import os
import random
import resource
import time
from datetime import UTC, datetime
from multiprocessing import Queue, get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")

TABLES = (
    "oms_planning_decision, oms_planning_snapshot, oms_packages_packageitem, oms_packages_package, oms_orders_orderitem,"
    " oms_orders_order, oms_stock_balance, oms_stock_ledgerentry, oms_scenarios_distributionrule,"
    " oms_scenarios_distributionscenario, oms_locations_stocklocation, oms_locations_quotaused, oms_catalogue_product,"
    " oms_catalogue_channel"
)


CLONED = {
    "oms_orders_order": {
        "upstream_id": "-({k} * 1e7 + upstream_id)::bigint",
        "number": "number || '-' || {k}",
    },
    "oms_orders_orderitem": {"order_id": "{id}", "upstream_id": "-({k} * 1e9 + upstream_id)::bigint"},
    "oms_packages_package": {"order_id": "{id}", "number": "number || '-' || {k}", "decision_id": "{id}"},
    "oms_packages_packageitem": {"package_id": "{id}", "order_item_id": "{id}", "order_id": "{id}"},
    "oms_planning_decision": {"order_id": "{id}"},
}
"""Columns of a clone that differ; `{id}` shifts the referred id below zero as the clone's own."""


STOCK = """
WITH put AS (
    INSERT INTO oms_stock_balance (location_id, product_id, on_hand, reserved, short, unit, counted_at)
    SELECT place, product, 10000000, 0, 0, 'quantity', now() FROM unnest(%s::bigint[]) place, unnest(%s::bigint[]) product
    ORDER BY 1, 2 RETURNING location_id, product_id, on_hand)
INSERT INTO oms_stock_ledgerentry (at, kind, location_id, product_id, quantity, holder_kind, reason)
SELECT now(), 'stock', location_id, product_id, on_hand, '', 'feed' FROM put
"""
"""What a feed of everything everywhere leaves: a balance and a ledger row per location and product."""


def clone(copies: int, tables: dict[str, dict[str, str]] = CLONED, *, old: bool = True) -> None:
    """Copies of everything: old orders that nobody touches with ids below zero, or others that wait as the first do."""
    sign = "-" if old else ""
    from django.db import connection

    with connection.cursor() as cursor:
        for table, changed in tables.items():
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"
                " ORDER BY ordinal_position",
                [table],
            )
            columns = [row[0] for row in cursor.fetchall()]
            values = [
                changed.get(name, name).format(k="k", id=f"{sign}(k * 1e7 + {name})::bigint")
                for name in columns
            ]
            cursor.execute(
                f"INSERT INTO {table} (id, {', '.join(columns)}) SELECT {sign}(k * 1e7 + id)::bigint, {', '.join(values)}"
                f" FROM {table}, generate_series(1, %s) k WHERE id > 0",
                [copies],
            )


def prepare(
    orders: int,
    places: int,
    products: int,
    *,
    hot: bool = False,
    already: int = 0,
    tidied: bool = True,
    settled: bool = False,
) -> None:
    from django.db import connection

    from ambar.oms.stock.actions.tidy import tidy
    from tests.worlds import oms_planning as world

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
    ids = world.make_locations(places, max_quota=10_000_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_locations_stocklocation SET latitude = 36 + id %% 6, longitude = 27 + id %% 15", []
        )
    skus = world.make_products(products)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(STOCK, [ids, skus])
        cursor.execute("RESET session_replication_role")
    if tidied:
        tidy()
    nearest = world.make_rule(
        split_policy="whole_order",
        location_condition={"field": "distance_km", "op": "lte", "value": 900},
        selectors=["SELECT_BY_QUOTA", "SELECT_BY_DISTANCE"],
    )
    world.make_scenario(ids[0], rules=[nearest, world.make_rule()])
    if already:
        from ambar.oms.planning.actions.plan_orders import plan_orders

        seeded = min(2000, already)
        _fill(seeded, skus, hot=hot, first=1)
        while plan_orders(limit=300, now=datetime.now(UTC)):
            pass
        clone(already // seeded - 1)
    made = orders if orders <= 10_000 else next(n for n in range(10_000, 0, -1) if orders % n == 0)
    _fill(made, skus, hot=hot, first=5_000_001)
    if made < orders:
        clone(orders // made - 1, {name: CLONED[name] for name in list(CLONED)[:2]}, old=False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        if settled:
            cursor.execute("CHECKPOINT")


def _fill(orders: int, skus: list[int], *, hot: bool, first: int) -> None:
    from tests.worlds import oms_planning as world

    chance = random.Random(1)
    for begin in range(first, first + orders, 2000):
        count = min(2000, first + orders - begin)
        lines = [
            [(sku, chance.randint(1, 3)) for sku in ([skus[0]] * 5 if hot else chance.sample(skus, 5))]
            for _ in range(count)
        ]
        world.make_orders(lines, first=begin, latitude="40.990700", longitude="29.027900")


def _timed(spent: dict[str, float], kind: str, module: Any, name: str) -> None:
    act = getattr(module, name)

    def timed(*arguments: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return act(*arguments, **named)
        finally:
            spent[kind] += time.perf_counter() - begun

    setattr(module, name, timed)


def drain(batch: int, ready: Barrier, results: Queue) -> None:
    """One planner process: gets ready, waits for the others, plans until nothing waits; tells begin and end."""
    import django

    django.setup()
    from django.db import connection

    from ambar.oms.planning import attempts, store
    from ambar.oms.planning.actions import plan_orders as planner
    from ambar.oms.planning.domain import recording

    spent = {"read": 0.0, "decide": 0.0, "write": 0.0, "records": 0.0}
    _timed(spent, "read", planner.orders, "claim_new")
    _timed(spent, "read", planner, "_look")
    _timed(spent, "decide", planner, "_planned")
    _timed(spent, "write", planner, "carry_out")
    for module, name in ((recording, "begin"), (attempts, "packed"), (store, "add_decisions")):
        _timed(spent, "records", module, name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    ready.wait(60)
    begun, done, early = time.time(), 0, 0
    cpu = [time.process_time(), _cpu(backend)]
    while found := planner.plan_orders(limit=batch, now=datetime.now(UTC)):
        done += found
        early = early or (done >= 1000 and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) or 0
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early if early else 0
    cpu = [time.process_time() - cpu[0], _cpu(backend) - cpu[1]]
    results.put((begun, time.time(), spent, grown // 1024, cpu))


def _cpu(schedstat: Path) -> float:
    """Processor seconds of a process so far."""
    return int(schedstat.read_text().split()[0]) / 1e9


def arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench.planner")
    for name, usual in (("orders", 6000), ("workers", 2), ("batch", 300), ("places", 10), ("products", 1000)):
        reader.add_argument(name, type=int, nargs="?", default=usual)
    reader.add_argument("--hot", action="store_true")
    reader.add_argument("--already", type=int, default=0)
    reader.add_argument("--scattered", action="store_true")
    reader.add_argument("--settled", action="store_true")
    return reader.parse_args()


def main() -> None:
    given = arguments()
    import django

    django.setup()
    from django.db import connection, connections

    prepare(
        given.orders,
        given.places,
        given.products,
        hot=given.hot,
        already=given.already,
        tidied=not given.scattered,
        settled=given.settled,
    )
    connections.close_all()
    processes = get_context("spawn")
    ready, results = processes.Barrier(given.workers), processes.Queue()
    crew = [processes.Process(target=drain, args=(given.batch, ready, results)) for _ in range(given.workers)]
    for one in crew:
        one.start()
    told = [results.get(timeout=60 + given.orders // 50) for _ in crew]
    for one in crew:
        one.join()
    seconds = max(row[1] for row in told) - min(row[0] for row in told)
    total = sum(row[1] - row[0] for row in told)
    shares = {kind: sum(row[2][kind] for row in told) / total for kind in told[0][2]}
    records = shares.pop("records")
    from ambar.oms.stock import queries

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM oms_orders_order WHERE planning_state = 'planned' AND id > 0),"
            " (SELECT count(*) FROM oms_orders_order WHERE id > 0),"
            " (SELECT sum(reserved) FROM oms_stock_balance),"
            " (SELECT sum(quantity) FROM oms_orders_orderitem WHERE id > 0),"
            " (SELECT count(*) FROM oms_packages_package WHERE id > 0),"
            " (SELECT sum(used) FROM oms_locations_quotaused)"
        )
        planned, orders, reserved, ordered, packages, quota = cursor.fetchone()
    assert planned == orders and reserved == ordered and packages == quota and queries.check() == []
    print(
        f"{given.orders} orders, {given.workers} workers, batches of {given.batch}:"
        f" {given.orders / seconds:.0f} orders/s, {packages} packages, oversold 0"
    )
    cpu = [sum(row[4][side] for row in told) / given.orders * 1000 for side in (0, 1)]
    print(
        f"    CPU {sum(cpu):.2f} ms an order ({cpu[0]:.2f} here, {cpu[1]:.2f} PostgreSQL); "
        + ", ".join(f"{kind} {share:.0%}" for kind, share in shares.items())
        + f", commit and the rest {1 - sum(shares.values()):.0%};"
        + f" records {records:.0%} of it all;"
        + f" memory of a worker +{max(row[3] for row in told)} MB after its first 1,000 orders"
    )


if __name__ == "__main__":
    main()

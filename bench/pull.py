"""Orders pulled per second from a Seller Center in another process, by one reader as the worker runs it, into PostgreSQL.

Over a migrated OMS database: `python -m bench.pull [orders] [url token]`. Without an address a fake Seller Center is started
(`ambar fake seller-center`), filled with that many orders and asked for its places first. Prints one JSON document.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ambar.cli.systems import free_port
from bench.limits import wait_for

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")
TOKEN, SUPPLIER = "bench-token", "AMBAR-01"


@contextmanager
def market(orders: int) -> Iterator[str]:
    """A fake Seller Center in a process of its own; its address."""
    port = free_port()
    command = [sys.executable, "-m", "ambar.cli.main", "fake", "seller-center", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--orders", str(orders), "--token", TOKEN], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", seconds=120)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def reader(url: str, token: str) -> Any:
    """A client of that Seller Center whose places this OMS has copied."""
    from ambar.oms.omnitron_client import schemas
    from ambar.oms.omnitron_client.gateways.client import Client
    from ambar.oms.setup.actions import addresses
    from tests.worlds import oms_upstream as world

    settings = world.client_settings(url)
    for entry in settings["endpoint_conf"]:
        entry["auth"]["token"] = token
    world.configure("OMNITRON_CLIENT_SETTINGS", settings)
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": SUPPLIER, "order_filters": []})
    client = Client(schemas.to_settings(settings))
    addresses.run(client, lambda done, total: None)
    return client


def forget() -> None:
    """No orders, no mark: the next reading begins at the beginning."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("truncate oms_orders_order, oms_upstream_watermark, oms_upstream_quarantined cascade")


def pulled(client: Any) -> int:
    """Reads the stream to its end as the worker's loop does; how many orders were new."""
    from ambar.oms.upstream import configured, jobs
    from ambar.oms.upstream.actions.pull import Puller

    overlap = configured.current().overlap_seconds
    taken: int = (
        Puller("orders", jobs._take_orders).pull(client, supplier_code=SUPPLIER, overlap_seconds=overlap) or 0
    )
    return taken


def measured(client: Any) -> dict[str, float]:
    """One reading: orders, orders per second, milliseconds of processor time per order here and in PostgreSQL."""
    from bench.cpu import Meter

    forget()
    meter, begun = Meter(), time.perf_counter()
    taken = pulled(client)
    seconds = time.perf_counter() - begun
    here, server = meter.spent()
    return {
        "orders": taken,
        "rate": round(taken / seconds, 1),
        "cpu_ms": round(here / taken * 1000, 3),
        "postgres_ms": round(server / taken * 1000, 3),
    }


def main(arguments: list[str]) -> None:
    """Prints the second reading; the first warms up."""
    import django

    from ambar.kit import garbage

    django.setup()
    garbage.settle()
    orders = int(arguments[0]) if arguments else 5000
    with market(orders) if len(arguments) < 3 else _given(arguments[1]) as url:
        client = reader(url, TOKEN if len(arguments) < 3 else arguments[2])
        measured(client)
        print(json.dumps(measured(client)))


@contextmanager
def _given(url: str) -> Iterator[str]:
    yield url


if __name__ == "__main__":
    main(sys.argv[1:])

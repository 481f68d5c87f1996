"""`python -m bench.hung`: R4, one endpoint of twenty that hangs: what the other nineteen still get, in one run.

Twenty endpoints (ports of one sink process) with a hook each over one migrated OMS database; a backlog is drained with all of them
well and with the twentieth taking connections and never answering, alternately. Printed: the rate of the nineteen both ways and their
ratio (floor 0.90, moonshot 0.99).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from uuid import uuid4

from ambar.cli.systems import free_port

ENDPOINTS, EACH = 20, int(os.environ.get("AMBAR_BENCH_EACH", "400"))
ROUNDS = int(os.environ.get("AMBAR_BENCH_ROUNDS", "3"))

SINKS = """
import asyncio, sys
import uvloop
from bench.sink import Sink
class Silent(asyncio.Protocol):
    def data_received(self, data): pass
async def main():
    loop = asyncio.get_running_loop()
    *well, last = map(int, sys.argv[2:])
    for port in well:
        await loop.create_server(Sink, "127.0.0.1", port)
    await loop.create_server(Silent if sys.argv[1] == "hung" else Sink, "127.0.0.1", last)
    await asyncio.Event().wait()
uvloop.run(main())
"""


def prepare(ports: list[int]) -> None:
    """A hook per endpoint and the same number of events for each."""
    from django.db import connection

    from ambar.kit import accounts, clock, outbox
    from ambar.kit.outbox.actions.save_hook import create_hook

    user = accounts.ensure_user("bench", "bench-bench-1", ["integration"])
    with connection.cursor() as cursor:
        cursor.execute(
            "truncate outbox_hook, outbox_event, outbox_delivery, outbox_attempt, outbox_endpointhealth, outbox_endpointturn cascade"
        )
    types = outbox_types()
    for port, kind in zip(ports, types, strict=True):
        fields = {
            "event_type": kind,
            "target_url": f"http://127.0.0.1:{port}/",
            "secret_key": "s" * 32,
            "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}},
        }
        create_hook(fields, user_id=user.pk, now=clock.now())
    for number in range(EACH):
        outbox.record(
            [
                outbox.Event(
                    uuid=uuid4(), type=kind, kind="package", aggregate_id=number, sequence=1, payload={"id": number}
                )
                for kind in types
            ],
            now=clock.now(),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("analyze outbox_delivery")


def outbox_types() -> list[str]:
    """One event type per endpoint."""
    from ambar.kit.outbox.registry import known_types

    return known_types()[:ENDPOINTS]


def drain(ports: list[int], how: str) -> float:
    """Deliveries per second to the first nineteen endpoints."""
    from django.db import connection

    from ambar.kit.outbox.deliveries import process
    from ambar.kit.outbox.models import Hook

    prepare(ports)
    sink = subprocess.Popen([sys.executable, "-c", SINKS, how, *map(str, ports)])
    time.sleep(1)
    well = list(Hook.objects.exclude(target_url__contains=f":{ports[-1]}/").values_list("pk", flat=True))
    stop = threading.Event()
    thread = threading.Thread(target=process.run, args=(stop,))
    begun = time.perf_counter()
    thread.start()
    try:
        while time.perf_counter() - begun < 120:
            time.sleep(0.02)
            with connection.cursor() as cursor:
                cursor.execute(
                    "select count(*) from outbox_delivery where state = 0 and hook_id = any(%s)", [well]
                )
                if not cursor.fetchone()[0]:
                    break
        return (ENDPOINTS - 1) * EACH / (time.perf_counter() - begun)
    finally:
        stop.set()
        thread.join(30)
        sink.terminate()
        sink.wait(10)


def main() -> None:
    """All rounds; the medians as one JSON document."""
    from bench.__main__ import oms_here

    with oms_here():
        ports = [free_port() for _ in range(ENDPOINTS)]
        rates: dict[str, list[float]] = {"well": [], "hung": []}
        for _ in range(ROUNDS):
            for how, found in rates.items():
                found.append(drain(ports, how))
        well, hung = (statistics.median(found) for found in rates.values())
        print(json.dumps({"well": round(well), "one_hung": round(hung), "ratio": round(hung / well, 3)}))


if __name__ == "__main__":
    main()

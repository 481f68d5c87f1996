"""`python -m bench.backlog [--events 20000] [--rate 1000] [--workers 2] [--every]`: R6, the backlog after three days of outage.

Events of packages, five states each, one state after the other over three days, wait for one endpoint with a rate cap. The endpoint
holds a bucket of half a second's posts that fills at the cap, and refuses with 429 and `Retry-After: 1` when it is empty. Worker processes drain it.
Printed as one JSON document, then the verdict: posts, superseded events, order violations at the endpoint, packages whose last state did
not arrive, 429s, the most posts in one second, peak memory of a worker, seconds. `--every` sends every state instead of the newest only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

from ambar.cli.systems import free_port

STATES = 5
SINK = """
import asyncio, json, sys, time
from aiohttp import web
port, cap = int(sys.argv[1]), float(sys.argv[2])
last, told = {}, {"posts": 0, "refused": 0, "disordered": 0, "most_in_a_second": 0}
recent = []
bucket = {"left": cap / 2, "at": time.monotonic()}
async def post(request):
    body = await request.read()
    now = time.monotonic()
    recent.append(now)
    while recent[0] < now - 1: recent.pop(0)
    told["posts"] += 1
    told["most_in_a_second"] = max(told["most_in_a_second"], len(recent))
    bucket["left"] = min(cap / 2, bucket["left"] + (now - bucket["at"]) * cap)
    bucket["at"] = now
    if bucket["left"] < 1:
        told["refused"] += 1
        return web.Response(status=429, headers={"Retry-After": "1"})
    bucket["left"] -= 1
    of, n = request.headers["X-Ambar-Aggregate"], int(request.headers["X-Ambar-Sequence"])
    told["disordered"] += n < last.get(of, 0)
    last[of] = max(n, last.get(of, 0))
    return web.Response(status=204)
async def figures(request):
    return web.json_response({**told, "packages": len(last), "behind": sum(n < int(sys.argv[3]) for n in last.values())})
app = web.Application()
app.add_routes([web.post("/", post), web.get("/", figures)])
web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)
"""
WORKER = """
import resource, threading, signal
import django; django.setup()
from ambar.kit.outbox.deliveries import process
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
thread = threading.Thread(target=process.run, args=(stop,)); thread.start()
while thread.is_alive(): thread.join(0.2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def prepare(port: int, events: int, rate: float, *, collapse: bool) -> int:
    """The hook and its backlog; answers the number of packages."""
    from django.db import connection

    from ambar.kit import accounts, clock, outbox
    from ambar.kit.outbox.actions.save_hook import create_hook

    user = accounts.ensure_user("bench", "bench-bench-1", ["integration"])
    fields = {
        "event_type": "package.status.transitioned", "target_url": f"http://127.0.0.1:{port}/", "secret_key": "s" * 32,
        "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}},
        "config": {"rate_per_second": rate, "collapse": collapse},
    }  # fmt: skip
    create_hook(fields, user_id=user.pk, now=clock.now())
    packages = max(1, events // STATES)
    path = Path(__file__).parent.parent / "contracts/oms-to-seller-center/package.created.json"
    payload = json.loads(path.read_text())["payload"]
    for sequence in range(1, STATES + 1):
        for first in range(0, packages, 500):
            batch = [
                outbox.Event(
                    uuid=uuid4(), type=fields["event_type"], kind="package", aggregate_id=10**9 + n, sequence=sequence,
                    payload=payload,
                )
                for n in range(first, min(first + 500, packages))
            ]  # fmt: skip
            outbox.record(batch, now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute(
            "update outbox_delivery d set due_at = now() - (%s - e.sequence) * interval '14 hours'"
            " from outbox_event e where e.id = d.event_id",
            [STATES + 1],
        )
        cursor.execute("analyze outbox_delivery")
    return packages


def drain(port: int, rate: float, workers: int, longest: float) -> dict[str, float]:
    """The backlog through worker processes; figures of the endpoint, of the workers and of what became of the events."""
    import httpx2
    from django.db import connection

    sink = subprocess.Popen([sys.executable, "-c", SINK, str(port), str(rate), str(STATES)])
    begun = time.monotonic()
    made = [
        subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    try:
        while time.monotonic() - begun < longest:
            time.sleep(0.2)
            with connection.cursor() as cursor:
                cursor.execute("select count(*) from outbox_delivery where state = 0")
                if not cursor.fetchone()[0]:
                    break
        seconds = time.monotonic() - begun
        told = httpx2.get(f"http://127.0.0.1:{port}/").json()
    finally:
        for one in made:
            one.terminate()
        memory = [int(one.communicate(timeout=30)[0] or 0) for one in made]
        sink.terminate()
        sink.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("select state, count(*) from outbox_delivery group by 1")
        states = dict(cursor.fetchall())
    return {
        **told, "superseded": states.get(3, 0), "left": states.get(0, 0) + states.get(2, 0), "worker_mb": max(memory),
        "seconds": round(seconds, 1),
    }  # fmt: skip


def main() -> int:
    """One drain; 1 when it was not clean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=1000, help="the endpoint's cap, posts a second")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", action="store_true", help="send every state, not the newest only")
    given = parser.parse_args()
    from bench.__main__ import oms_here

    with oms_here():
        port = free_port()
        packages = prepare(port, given.events, given.rate, collapse=not given.every)
        longest = 60 + 3 * packages * (STATES if given.every else 1) / given.rate
        told = drain(port, given.rate, given.workers, longest)
    print(json.dumps({"events": packages * STATES, "rate": given.rate, "workers": given.workers, **told}))
    sent = packages * (STATES if given.every else 1)
    faults = [
        name
        for name, wrong in {
            "not all delivered": told["left"] or told["packages"] != packages,
            "out of order": told["disordered"],
            "last state missing": told["behind"],
            "429s": told["refused"],
            "not collapsed": told["posts"] > sent * 1.01,
        }.items()
        if wrong
    ]
    print("R6 " + (f"FAILED: {', '.join(faults)}" if faults else "holds"))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())

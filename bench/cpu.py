"""CPU per piece of work on the hot paths: this process plus its PostgreSQL backends, in milliseconds.

    python -m bench.cpu planner | intake | single | command | availability | dry-run      (a migrated OMS database)
    python -m bench.cpu receiver | apply                         (a migrated Seller Center database)

Wall time on a busy machine says little; this counts only the processor time of the two sides. Requests go through the
whole WSGI application without a socket. Add `--profile` for the functions of this process by own time.
The database is filled with rows of the bench: give it one of its own.
"""

from __future__ import annotations

import cProfile
import io
import json
import os
import pstats
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
SYSTEM = {"receiver": "seller_center", "apply": "seller_center"}


class Meter:
    """Processor time of this process and of the backends of its database, in seconds."""

    def __init__(self) -> None:
        self.client, self.server = time.process_time(), self._backends()

    @staticmethod
    def _backends() -> float:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("select pid from pg_stat_activity where datname = current_database()")
            pids = [row[0] for row in cursor.fetchall()]
        # schedstat counts nanoseconds on a processor; the ticks of stat are too coarse for a short run.
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9

    def spent(self) -> tuple[float, float]:
        """(client, backends) since this meter was made."""
        return time.process_time() - self.client, self._backends() - self.server


def wsgi_call(application: Any, path: str, body: bytes, token: str, **headers: str) -> bytes:
    """One POST through the whole application; anything but 2xx raises."""
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False, "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json",
        "HTTP_AUTHORIZATION": f"Token {token}", "SCRIPT_NAME": "", **headers,
    }  # fmt: skip
    status: list[str] = []
    answer = application(environ, lambda text, _headers, *_: status.append(text))
    content = b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    if not status[0].startswith("2"):
        raise RuntimeError(f"{status[0]}: {content[:500]!r}")
    return content


def _post(path: str, token: str) -> Callable[..., bytes]:
    from ambar.kit.deployment import wsgi

    application = wsgi(os.environ["DJANGO_SETTINGS_MODULE"].split(".")[1])
    return lambda body, **headers: wsgi_call(application, path, body, token, **headers)


def planner() -> tuple[int, Callable[[], object]]:
    """3,000 orders of five lines, 50 locations, 10,000 products, batches as the live planner takes them."""
    from datetime import UTC, datetime

    from ambar.oms.planning.actions.plan_orders import plan_orders
    from ambar.oms.planning.jobs import BATCH
    from bench.planner import prepare

    prepare(3000 + BATCH, 50, 10_000)
    plan_orders(limit=BATCH, now=datetime.now(UTC))

    def work() -> None:
        while plan_orders(limit=BATCH, now=datetime.now(UTC)):
            pass

    return 3000, work


def _intake(requests: int, per_request: int) -> tuple[int, Callable[[], object]]:
    from bench.intake import SETUP, Intake

    said: list[str] = []
    exec(SETUP, {"print": said.append})  # noqa: S102
    made = Intake({}, 0)
    bodies = [
        json.dumps(
            made._order() if per_request == 1 else [made._order() for _ in range(per_request)]
        ).encode()
        for _ in range(requests + 3)
    ]
    post = _post("/api/v1/oms/intake/orders/", said[0])
    for body in bodies[:3]:
        assert b"created" in post(body)
    return requests * per_request, lambda: [post(body) for body in bodies[3:]]


def command() -> tuple[int, Callable[[], object]]:
    """`deallocate-reservations` on 3,000 planned packages, 500 per request."""
    from django.db import connection

    from ambar.kit import accounts

    _, plan = planner()
    plan()
    token = accounts.issue_token(
        accounts.ensure_user("bench", "bench-bench-1", ["integration", "admin"]), name="bench"
    )
    with connection.cursor() as cursor:
        cursor.execute("select id from oms_packages_package where state = 100 order by id limit 3000")
        ids = [row[0] for row in cursor.fetchall()]
    bodies = [
        json.dumps({"slug": "deallocate-reservations", "packages": ids[at : at + 500]}).encode()
        for at in range(0, len(ids), 500)
    ]
    post = _post("/api/v1/oms/packages/bulk-command/", token)

    def work() -> None:
        for body in bodies:
            assert json.loads(post(body))["refused"] == 0

    return len(ids), work


def _asker(path: str) -> Callable[..., bytes]:
    """Whoever asks the planner's world: an order, 50 locations, 10,000 products."""
    from ambar.kit import accounts
    from bench.planner import prepare

    prepare(1, 50, 10_000)
    token = accounts.issue_token(
        accounts.ensure_user("bench", "bench-bench-1", ["integration", "admin"]), name="bench"
    )
    return _post(path, token)


def availability(count: int = 2000) -> tuple[int, Callable[[], object]]:
    """`query-stock-availability` about one SKU at all locations."""
    ask = _asker("/api/v1/oms/query-stock-availability/")
    chance = random.Random(1)
    queries = [f"sku=SKU-{chance.randint(1, 10_000):05}" for _ in range(count + 20)]
    for query in queries[:20]:
        assert b"true" in ask(b"", REQUEST_METHOD="GET", QUERY_STRING=query)
    return count, lambda: [ask(b"", REQUEST_METHOD="GET", QUERY_STRING=query) for query in queries[20:]]


def dry_run(count: int = 300) -> tuple[int, Callable[[], object]]:
    """A dry run of a typed-in order of ten lines over 50 locations."""
    ask = _asker("/api/v1/oms/planning/dry-run/")
    chance = random.Random(1)
    bodies = [
        json.dumps({"lines": [{"sku": f"SKU-{n:05}"} for n in chance.sample(range(1, 10_001), 10)]}).encode()
        for _ in range(count + 10)
    ]
    for body in bodies[:10]:
        assert b'"outcome":"planned"' in ask(body)
    return count, lambda: [ask(body) for body in bodies[10:]]


def _package_events(count: int) -> list[bytes]:
    golden = json.loads((ROOT / "contracts/oms-to-seller-center/package.status.packed.json").read_text())
    stem = uuid4().hex[:8]
    made = []
    for n in range(count):
        golden["event"]["uuid"] = uuid4().hex
        golden["payload"]["number"] = f"{stem}P{n}"
        made.append(json.dumps(golden).encode())
    return made


def receiver(count: int = 1000) -> tuple[int, Callable[[], object]]:
    """One package event per request, each of another package."""
    from tests.worlds import seller_center_market as market

    post = _post(f"{market.OMS}/packages/update-status/", market.oms().headers["Authorization"].split()[1])
    bodies = _package_events(count + 5)
    for body in bodies[:5]:
        post(body, HTTP_X_AMBAR_SEQUENCE="4")
    return count, lambda: [post(body, HTTP_X_AMBAR_SEQUENCE="4") for body in bodies[5:]]


def apply() -> tuple[int, Callable[[], object]]:
    """Received package events applied in sets, as the live loop does."""
    from ambar.kit import clock
    from ambar.kit.outbox import inbox
    from ambar.seller_center.packages import jobs

    def drain() -> None:
        while inbox.drain(jobs.apply_packages, types=jobs.EVENTS, now=clock.now()):
            pass

    drain()
    _, fill = receiver(2000)
    fill()
    return 2000, drain


WORKS: dict[str, Callable[[], tuple[int, Callable[[], object]]]] = {
    "planner": planner,
    "intake": lambda: _intake(30, 100),
    "single": lambda: _intake(600, 1),
    "command": command,
    "availability": availability,
    "dry-run": dry_run,
    "receiver": receiver,
    "apply": apply,
}


def pace() -> float:
    """Processor milliseconds of a fixed sum: how slow the processor is just now (neighbours share its caches)."""
    begun, total = time.process_time(), 0
    for n in range(1_000_000):
        total += n * n
    return (time.process_time() - begun) * 1000


def main(name: str, *, profiled: bool) -> None:
    """Prepares the work, measures it, prints milliseconds per piece and the pace before and after."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"ambar.{SYSTEM.get(name, 'oms')}.settings")
    import django

    django.setup()
    from ambar.kit import garbage

    pieces, work = WORKS[name]()
    garbage.settle()
    profile = cProfile.Profile()
    paces = [pace()]
    meter = Meter()
    if profiled:
        profile.enable()
    work()
    profile.disable()
    client, server = (seconds / pieces * 1000 for seconds in meter.spent())
    paces.append(pace())
    print(f"{name}: {client + server:.3f} ms CPU each ({client:.3f} here + {server:.3f} PostgreSQL), {pieces} pieces;"
          f" pace {paces[0]:.0f} / {paces[1]:.0f} ms")  # fmt: skip
    if profiled:
        pstats.Stats(profile).sort_stats(os.environ.get("SORT", "tottime")).print_stats(45)


if __name__ == "__main__":
    main(sys.argv[1], profiled="--profile" in sys.argv)

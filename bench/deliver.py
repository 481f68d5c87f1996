"""Events delivered per second by one worker process: claim with lease, two signatures, order per lane, attempt log, ack.

Run as a process over a migrated OMS database: `python -m bench.deliver SINK_URL PACKAGES`. Prints the rate.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")

TYPES = (
    "package.created",
    "package.status.preparing",
    "package.status.packed",
    "package.status.shipped",
    "package.status.delivered",
)


def prepare(sink: str, packages: int) -> int:
    """Five events per package, one hook per type; answers how many deliveries are due."""
    from pathlib import Path

    from django.db import connection

    from ambar.kit import accounts, clock, outbox
    from ambar.kit.outbox.actions.save_hook import create_hook
    from ambar.kit.outbox.domain.hook_fields import read_hook
    from ambar.kit.outbox.models import Hook

    user = accounts.ensure_user("bench", "bench-bench-1", ["integration"])
    with connection.cursor() as cursor:
        cursor.execute("truncate outbox_hook, outbox_event cascade")
    for kind in TYPES:
        body = {
            "event_type": kind,
            "target_url": sink,
            "secret_key": "s" * 32,
            "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}},
        }
        create_hook(
            read_hook(body, partial=False, known_type=lambda _: True), user_id=user.pk, now=clock.now()
        )
    assert Hook.objects.count() == len(TYPES)
    payload = json.loads(
        (Path(__file__).parent.parent / "contracts/oms-to-seller-center/package.created.json").read_text()
    )["payload"]
    for start in range(0, packages, 200):
        outbox.record(
            [outbox.Event(uuid=uuid4(), type=kind, kind="package", aggregate_id=10**9 + n, sequence=s, payload=payload)
             for n in range(start, min(start + 200, packages)) for s, kind in enumerate(TYPES, 1)], now=clock.now(),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("analyze outbox_delivery")
    return packages * len(TYPES)


def main() -> None:
    """Drains the prepared deliveries in this process and prints deliveries per second."""
    import django

    django.setup()
    from django.db import connection

    from ambar.kit.outbox.deliveries import process

    due = prepare(sys.argv[1], int(sys.argv[2]))
    stop = threading.Event()
    thread = threading.Thread(target=process.run, args=(stop,))
    begun = time.perf_counter()
    thread.start()
    left = due
    while left and time.perf_counter() - begun < 120:
        time.sleep(0.05)
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from outbox_delivery where state <> 1")
            left = cursor.fetchone()[0]
    seconds = time.perf_counter() - begun
    stop.set()
    thread.join(15)
    print(json.dumps({"delivered": due - left, "left": left, "rate": (due - left) / seconds}))


if __name__ == "__main__":
    main()

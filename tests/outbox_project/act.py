"""What a test lets a system do: `python -m tests.outbox_project.act <system> prepare | hook URL | serve`.

`serve` reads commands like `record 0 40` from its input, one a line, and answers `done` to each.
"""

from __future__ import annotations

import os
import sys

STATES = ["preparing", "packed", "shipped", "delivered"]


def prepare() -> None:
    from django.core.management import call_command

    from tests.outbox_project import receiving

    call_command("migrate", verbosity=0)
    receiving.make_tables()


def hook(url: str) -> None:
    from ambar.kit import accounts, clock
    from ambar.kit.outbox.actions.save_hook import create_hook
    from tests.outbox_project.receiving import SECRET

    user = accounts.ensure_user("integration", "integration-demo", [], {})
    for state in STATES:
        fields = {
            "target_url": url,
            "event_type": f"parcel.{state}",
            "secret_key": SECRET,
            "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}},
        }
        create_hook(fields, user_id=user.pk, now=clock.now())


def record(first: str, last: str) -> None:
    """Every parcel goes through all states; one transaction per state, as in life."""
    from ambar.kit import clock, ids, outbox

    for place, state in enumerate(STATES):
        events = [
            outbox.Event(
                uuid=ids.uuid7(), type=f"parcel.{state}", kind="parcel", aggregate_id=parcel, sequence=place + 1,
                payload={"id": parcel, "state": state},
            )
            for parcel in range(int(first), int(last))
        ]  # fmt: skip
        outbox.record(events, now=clock.now())


def serve() -> None:
    from django.db import connection

    for line in sys.stdin:
        name, *arguments = line.split()
        ACTS[name](*arguments)
        connection.close()
        print("done", flush=True)


ACTS = {"prepare": prepare, "hook": hook, "record": record, "serve": serve}


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = f"tests.outbox_project.{sys.argv[1]}_settings"
    import django

    django.setup()
    ACTS[sys.argv[2]](*sys.argv[3:])

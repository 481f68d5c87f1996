"""Background entry points of packages: OMS events, applied in sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ambar.kit import clock
from ambar.kit.outbox import inbox

EVENTS = ("package.*",)


def apply_packages(rows: Sequence[inbox.InboxRow]) -> None:
    """Apply the package events of these rows."""
    from ambar.seller_center.packages.actions.apply_events import Received, apply_events
    from ambar.seller_center.packages.domain import events

    received = [
        Received(
            seller_id=int(row.source.partition(":")[2]),
            uuid=row.uuid,
            event=row.read(partial(events.package_event, row.type, sequence=row.sequence)),
        )
        for row in rows
    ]
    apply_events(received, now=clock.now())


def register() -> None:
    """Called once at start by the room's AppConfig."""
    inbox.loop("sc_packages", EVENTS, apply_packages)

"""Versions of orders that this OMS made upstream itself: what is told about them, and what the loop that pulls is told.

Whoever tells an item's status upstream learns from the answer into which version that made the order, and out of which
(decision 105). An order that stood here in the one stands in the other from then on; nothing of it has to be read.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from ambar.kit import clock
from ambar.oms.orders import echo_store
from ambar.oms.orders.echo_store import Made, Told
from ambar.oms.upstream import store
from ambar.oms.upstream.domain import echoes, statuses
from ambar.oms.upstream.domain.versions import FURTHEST_AHEAD, Version

ASKED = {"X-Ambar-Versions": "1"}
"""Asks the Seller Center to answer versions with statuses; whoever does not know it does not mind."""
MOST = 5_000
"""So many wait to be taken by the loop that pulls; where another process pulls, nobody takes them."""

_made: dict[str, dict[Version, datetime]] = {}
_lock = threading.Lock()


def follow(answer: Any, told: Sequence[Told], *, source: str, now: datetime) -> None:
    """Let the orders of an answer to a bulk update follow to the versions that it made of them.

    :param told: the items upstream has taken, as they were told. :param source: the system the orders are of.
    """
    made = [one for row in _rows(answer) if (one := _read(row, now)) is not None]
    if not made:
        return
    with transaction.atomic():
        moved = echo_store.move(source, made, told, now=now)
        store.settle(source, [store.Settled(pk, "taken", version) for pk, version in moved.items()], now=now)
    texts = {one.upstream_id: one.text for one in made}
    note(source, {(pk, texts[pk]): version for pk, version in moved.items()})


def note(source: str, versions: Mapping[Version, datetime]) -> None:
    """Keep for the loop that pulls that these versions are known."""
    with _lock:
        kept = _made.setdefault(source, {})
        kept.update(versions)
        for version in list(kept)[: max(0, len(kept) - MOST)]:
            del kept[version]


def take(source: str) -> dict[Version, datetime]:
    """What has been noted since this was last asked."""
    with _lock:
        return _made.pop(source, {})


def _rows(answer: Any) -> Sequence[Any]:
    rows = answer.get("orders") if isinstance(answer, dict) else None
    return rows if isinstance(rows, list) else ()


def _read(row: Any, now: datetime) -> Made | None:
    """What became of one order, or `None` where it can't be read: then it is pulled as ever."""
    if not isinstance(row, dict):
        return None
    pk, code = row.get("pk", row.get("id")), statuses.code(row.get("status"))
    if not isinstance(pk, int) or isinstance(pk, bool) or not 0 < pk < 2**63 or code is None:
        return None
    if not echoes.FIRST_TOLD <= code <= echoes.LAST_TOLD:
        return None
    text = row.get("modified_date")
    try:
        before, after = clock.parse(row.get("previous_modified_date") or ""), clock.parse(text or "")
    except (TypeError, ValueError):
        return None
    if not isinstance(text, str) or not before < after <= now.astimezone(UTC) + FURTHEST_AHEAD:
        return None
    return Made(upstream_id=pk, status=code, before=before, after=after, text=text)

"""Figures of the home screen, each from one statement over a set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ambar.oms.states import queries as states

OPEN = (100, 150, 200, 300, 400)
PROBLEMS = (910, 920, 930)
ON_THE_WAY = (600, 620)
FAILING = (640, 660)

_ORDERS = """
SELECT count(*) FILTER (WHERE created_at >= %(since)s),
       count(*) FILTER (WHERE planned_at >= %(since)s),
       count(*) FILTER (WHERE planning_state = 'hold'),
       count(*) FILTER (WHERE planning_state IN ('new', 'planning', 'pending') AND state >= 400 AND state < 500)
FROM oms_orders_order
WHERE modified_at >= %(since)s OR planning_state <> 'planned'
"""
_MOVES = """
SELECT new_state_id, count(DISTINCT object_id) FROM oms_states_transitionlog
WHERE kind = 'package' AND created_at >= %s AND new_state_id = ANY(%s) AND {bound} GROUP BY 1
"""
_OWN_MOVES = "object_id IN (SELECT id FROM oms_packages_package WHERE location_id = ANY(%s))"
_STATES = "SELECT state, count(*) FROM oms_packages_package WHERE {bound} GROUP BY state"
_EVENTS = """
SELECT (SELECT count(*) FROM outbox_delivery d JOIN outbox_event e ON e.id = d.event_id WHERE e.created_at >= %(since)s),
       (SELECT count(*) FROM outbox_delivery WHERE state = 1 AND delivered_at >= %(since)s),
       (SELECT count(*) FROM outbox_delivery WHERE state = 0),
       (SELECT count(*) FROM outbox_delivery WHERE state = 2),
       (SELECT count(*) FROM outbox_inbox WHERE state = 2)
"""
_INTAKE = """
SELECT (SELECT count(*) FROM oms_upstream_quarantined WHERE closed_at IS NULL),
       (SELECT count(*) FROM oms_upstream_nottaken WHERE modified_at >= %(since)s),
       (SELECT count(*) FROM oms_upstream_statussync WHERE state = 'pending'),
       (SELECT count(*) FROM oms_upstream_statussync WHERE state = 'set_aside')
"""
_CAUSES = """
SELECT cause, min(reason), count(*), min(created_at) FROM oms_upstream_quarantined
WHERE closed_at IS NULL GROUP BY cause ORDER BY count(*) DESC, cause LIMIT %s
"""
_HOLDS = """
SELECT hold_reason, count(*), min(modified_at) FROM oms_orders_order
WHERE planning_state = 'hold' GROUP BY hold_reason ORDER BY count(*) DESC, hold_reason LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts since the start of the day, and what waits or is stuck now."""

    taken: int
    planned: int
    held: int
    to_plan: int
    packed: int
    shipped: int
    delivered: int
    by_state: dict[int, int]
    recorded: int
    sent: int
    to_send: int
    parked: int
    not_applied: int
    quarantined: int
    filtered: int
    to_report: int
    set_aside: int

    def count(self, states_: Sequence[int]) -> int:
        """Packages now in one of these states."""
        return sum(self.by_state.get(state, 0) for state in states_)


def figures(*, since: datetime, location_ids: Sequence[int] | None) -> Figures:
    """All figures of the home screen. A person bound to locations gets the package counts of those."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, {"since": since})
        taken, planned, held, to_plan = cursor.fetchone()
        reached = {states.state_id("PackageStatus", code): code for code in (500, 600, 700)}
        own = [] if location_ids is None else [list(location_ids)]
        bound = "true" if location_ids is None else _OWN_MOVES
        cursor.execute(_MOVES.format(bound=bound), [since, list(reached), *own])
        moves = {reached[row[0]]: row[1] for row in cursor.fetchall()}
        by_state = package_counts(location_ids=location_ids)
        cursor.execute(_EVENTS, {"since": since})
        recorded, sent, to_send, parked, not_applied = cursor.fetchone()
        cursor.execute(_INTAKE, {"since": since})
        quarantined, filtered, to_report, set_aside = cursor.fetchone()
    return Figures(
        taken=taken,
        planned=planned,
        held=held,
        to_plan=to_plan,
        packed=moves.get(500, 0),
        shipped=moves.get(600, 0),
        delivered=moves.get(700, 0),
        by_state=by_state,
        recorded=recorded,
        sent=sent,
        to_send=to_send,
        parked=parked,
        not_applied=not_applied,
        quarantined=quarantined,
        filtered=filtered,
        to_report=to_report,
        set_aside=set_aside,
    )


def package_counts(*, location_ids: Sequence[int] | None) -> dict[int, int]:
    """`{state: packages}` now."""
    bound = "true" if location_ids is None else "location_id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(_STATES.format(bound=bound), [] if location_ids is None else [list(location_ids)])
        return dict(cursor.fetchall())


def causes(limit: int = 5) -> list[tuple[Any, ...]]:
    """Open quarantine by cause: (cause, an example reason, orders, since)."""
    with connection.cursor() as cursor:
        cursor.execute(_CAUSES, [limit])
        return list(cursor.fetchall())


def holds(limit: int = 5) -> list[tuple[Any, ...]]:
    """Orders on hold by reason: (reason, orders, since)."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS, [limit])
        return list(cursor.fetchall())


def parcels_not_made() -> int:
    """Parcels whose carrier was given up on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM oms_shipments_shipment WHERE talk = 'error'")
        return int(cursor.fetchone()[0])

"""Take cancellation plans as records; acting on them is a command (Akinon OMS: Cancellation Plan Services)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.oms.orders import cancellation_store as orders
from ambar.oms.upstream import reading, store
from ambar.oms.upstream.domain import verdicts
from ambar.oms.upstream.domain.verdicts import Verdict
from ambar.oms.upstream.text import fingerprint


def take_plans(
    records: Sequence[Any], *, source: str, now: datetime, beyond: datetime | None = None
) -> list[Verdict]:
    """Take plans in one transaction; a malformed one is set aside alone. Repeating changes nothing. `beyond` as in
    `take_orders`."""
    plans, aside, found = [], [], []
    for position, record in enumerate(records):
        try:
            wire = reading.plan(record)
        except reading.Unreadable as error:
            row = _malformed(record, str(error))
            aside.append(row)
            found.append(
                Verdict(position=position, outcome=verdicts.QUARANTINED, cause=row.cause, reason=row.reason)
            )
            continue
        plans.append(reading.cancellation_plan(wire, record, source=source))
        found.append(Verdict(position=position, outcome=verdicts.UPDATED, upstream_id=wire.pk))
    with transaction.atomic():
        orders.upsert_cancellation_plans(plans, now=now, beyond=beyond)
        store.quarantine(source, aside, now=now)
    return found


def _malformed(record: Any, reason: str) -> store.SetAside:
    return store.SetAside(
        identity=f"plan:{fingerprint(record)}",
        upstream_id=None,
        number=None,
        kind="malformed_plan",
        cause=f"malformed_plan:{reading.cause_of(reason)}",
        reason=reason[:2000],
        payload=record,
    )

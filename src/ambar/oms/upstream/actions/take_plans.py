"""Take cancellation plans as records; acting on them is a command (Akinon OMS: Cancellation Plan Services)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.oms.orders import cancellation_store as orders
from ambar.oms.upstream import reading, store
from ambar.oms.upstream.domain import verdicts
from ambar.oms.upstream.domain.verdicts import Verdict
from ambar.oms.upstream.schemas import WirePlan
from ambar.oms.upstream.text import fingerprint

_PREFIX = "plan:"


def take_plans(
    records: Sequence[Any], *, source: str, now: datetime, beyond: datetime | None = None
) -> list[Verdict]:
    """Take plans in one transaction; a malformed one is set aside alone, and so is one of another system's: its order has another
    number here, or the plan here is about another order. Repeating changes nothing. `beyond` as in `take_orders`.
    """
    wires: dict[int, WirePlan] = {}
    aside: dict[int, store.SetAside] = {}
    for position, record in enumerate(records):
        try:
            wires[position] = reading.plan(record)
        except reading.Unreadable as error:
            aside[position] = _malformed(record, str(error))
    if len({wire.pk for wire in wires.values()}) < len(wires):
        return [
            replace(verdict, position=at)
            for at, record in enumerate(records)
            for verdict in take_plans([record], source=source, now=now, beyond=beyond)
        ]
    with transaction.atomic():
        plans = [reading.cancellation_plan(wire, records[at], source=source) for at, wire in wires.items()]
        others = orders.upsert_cancellation_plans(plans, now=now, beyond=beyond).others
        for position, wire in wires.items():
            if wire.pk in others:
                aside[position] = _of_another(records[position], wire, others[wire.pk])
        store.quarantine(source, aside.values(), now=now, beyond=beyond)
    return [
        Verdict(position=at, outcome=verdicts.QUARANTINED, cause=aside[at].cause, reason=aside[at].reason)
        if at in aside
        else Verdict(position=at, outcome=verdicts.UPDATED, upstream_id=wires[at].pk)
        for at in range(len(records))
    ]


def is_plan(identity: str) -> bool:
    """Whether what lies in quarantine under this identity is a plan and no order."""
    return identity.startswith(_PREFIX)


def _of_another(record: Any, wire: WirePlan, here: orders.OfAnother) -> store.SetAside:
    order = wire.order if isinstance(wire.order, int) else wire.order.pk
    number = None if isinstance(wire.order, int) else wire.order.number
    if here.number is not None:
        path, told = "order.number", f'order {order} is "{here.number}" here, and the plan is of "{number}"'
    else:
        path, told = (
            "order",
            f"plan {wire.pk} is about order {here.order_upstream_id} here, and comes for {order}",
        )
    return store.SetAside(
        identity=f"{_PREFIX}{wire.pk}:{fingerprint([order, number])}",
        upstream_id=order,
        number=number,
        kind=verdicts.ANOTHER_ORDER,
        cause=f"{verdicts.ANOTHER_ORDER}:{path}",
        reason=f"{path}: {told}",
        payload=record,
        upstream_modified_at=wire.modified_date,
        detail={"plan": wire.pk, "number_here": here.number, "number_given": number},
    )


def _malformed(record: Any, reason: str) -> store.SetAside:
    return store.SetAside(
        identity=f"{_PREFIX}{fingerprint(record)}",
        upstream_id=None,
        number=None,
        kind="malformed_plan",
        cause=f"malformed_plan:{reading.cause_of(reason)}",
        reason=reason[:2000],
        payload=record,
    )

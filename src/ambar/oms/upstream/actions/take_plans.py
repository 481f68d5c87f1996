"""Take cancellation plans as records; acting on them is a command (Akinon OMS: Cancellation Plan Services)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.oms.orders import cancellation_store as orders
from ambar.oms.upstream import reading, setting_aside, store
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
        taken = orders.upsert_cancellation_plans(plans, now=now, beyond=beyond)
        for position, wire in wires.items():
            if wire.pk in taken.others:
                aside[position] = _of_another(records[position], wire, taken.others[wire.pk])
        settled = [
            store.SettledPlan(
                _identity(wire.pk, *_order_of(wire)), wire.modified_date, wire.pk in taken.written
            )
            for position, wire in wires.items()
            if position not in aside
        ]
        store.settle_plans(source, settled, now=now, beyond=beyond)
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


def _identity(pk: int, order: int, number: str | None) -> str:
    """A plan lies under its id and its order, so that another system's of the same id has a place of its own."""
    return f"{_PREFIX}{pk}:{fingerprint([order, number])}"


def _order_of(wire: WirePlan) -> tuple[int, str | None]:
    return (wire.order, None) if isinstance(wire.order, int) else (wire.order.pk, wire.order.number)


def _of_another(record: Any, wire: WirePlan, here: orders.OfAnother) -> store.SetAside:
    order, number = _order_of(wire)
    if here.number is not None:
        path, told = "order.number", f'order {order} is "{here.number}" here, and the plan is of "{number}"'
    else:
        path, told = (
            "order",
            f"plan {wire.pk} is about order {here.order_upstream_id} here, and comes for {order}",
        )
    return store.SetAside(
        identity=_identity(wire.pk, order, number),
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
    """Under its id and its order where both can be read: its next version, which is not malformed, lets it go."""
    pk = setting_aside.usable_id(record)
    told = record.get("order") if isinstance(record, dict) else None
    order = setting_aside.usable_id(told if isinstance(told, dict) else {"pk": told})
    number = told.get("number") if isinstance(told, dict) else None
    named = pk is not None and order is not None and (number is None or isinstance(number, str))
    return store.SetAside(
        identity=_identity(pk, order, number)
        if named and pk and order
        else f"{_PREFIX}{fingerprint(record)}",
        upstream_id=None,
        number=None,
        kind="malformed_plan",
        cause=f"malformed_plan:{reading.cause_of(reason)}",
        reason=reason[:2000],
        payload=record,
        upstream_modified_at=setting_aside.version(record),
    )

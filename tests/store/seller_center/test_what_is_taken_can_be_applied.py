"""What a receiver acknowledges can be applied: each field of a golden hook is spoiled in turn."""

import json
from uuid import uuid4

import pytest

from ambar.kit import clock, work
from ambar.kit.outbox import inbox
from ambar.kit.outbox.models import Inbox
from ambar.kit.refusals import Refusal
from ambar.kit.rest import strict_json
from ambar.seller_center.orders.domain import incoming, plans
from ambar.seller_center.packages.domain import events
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

EVIL = [None, "", "\u0000", "x" * 5000, -1, 0, 2**70, 1e308, True, [], {}, [[]], {"id": {}}, {"id": 2**70}, "2026-99-99", "1e400", "NaN", "99999999999999"]  # fmt: skip


def paths(value, prefix=()):
    """Every place in a message."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*prefix, key)
            yield from paths(inner, (*prefix, key))
    elif isinstance(value, list) and value:
        yield from paths(value[0], (*prefix, 0))


def spoiled(payload, path, evil):
    copy = json.loads(json.dumps(payload))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = evil
    return copy


def order(payload, n):
    payload.update(id=1000 + n, pk=1000 + n, number=f"N{n}")
    for k, item in enumerate(payload["orderitem_set"]):
        item.update(id=10 * n + k + 1)
    return payload


def package(payload, n):
    return {**payload, "number": f"P{n}", "order_omnitron_id": None}


def plan(payload, n):
    return {**payload, "id": n + 1, "pk": n + 1, "order": {"id": 1}}


@pytest.mark.parametrize(
    ("name", "type_", "read", "fresh", "loop"),
    [
        ("omnitron-to-seller-center/order.created.json", "order.created", incoming.order, order, "sc_orders"),
        ("oms-to-seller-center/package.created.json", "package.created", lambda p: events.package_event("package.created", p, sequence=None), package, "sc_packages"),
        ("seller-center-to-oms/cancellation_plan.json", "cancellation_plan.created", plans.plan, plan, "sc_cancellation_plans"),
    ],
)  # fmt: skip
def test_nothing_that_was_acknowledged_ends_set_aside(name, type_, read, fresh, loop):
    market.take(market.shop_order(1, items=[(9002, "A", "AMBAR-01")]))
    golden = market.golden(name)
    golden = golden.get("payload", golden)
    golden.pop("billing_address", None)
    taken, source = [], f"oms:{market.seller().pk}" if loop == "sc_packages" else "omnitron"
    for n, (place, evil) in enumerate((p, e) for p in paths(golden) for e in EVIL):
        payload = spoiled(fresh(json.loads(json.dumps(golden)), n), place, evil)
        raw = json.dumps(market.envelope(payload, type_)).encode()
        try:
            strict_json.loads(raw)
            read(payload)
        except Refusal:
            continue
        taken.append(
            inbox.Envelope(
                uuid=uuid4(), type=type_, aggregate=f"x:{n}", sequence=None, payload=payload, raw=raw
            )
        )
    assert len(taken) > 50
    inbox.store(source, taken, now=clock.now())
    work.run_loop(loop)
    parked = Inbox.objects.filter(state=2).values_list("reason", flat=True)
    assert sorted({reason[:200] for reason in parked}) == []

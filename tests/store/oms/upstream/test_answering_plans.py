"""Cancellation plans over the wire: polled, decided, answered until upstream took it."""

from datetime import timedelta

import pytest

from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.orders import answers_store
from ambar.oms.orders.models import CancellationPlan, CancellationRequest, Order
from ambar.oms.upstream.actions.answer_plans import answer_plans
from ambar.oms.upstream.actions.pull import Puller
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.actions.take_plans import take_plans
from ambar.oms.upstream.configured import Configured
from tests.worlds import oms_upstream as world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("places")]
BASE = "/api/v1/applications/oms/cancellation_plans/"
GOLDEN = {
    "pk": 5,
    "plan_type": "cancel",
    "status": "waiting",
    "order": {"pk": 7001},
    "cancellationplanorderitem_set": [
        {
            "order_item": 9002,
            "reason": {"subject": "Vazgeçtim"},
            "quantity": "1.00",
            "refund_amount": "200.00",
        }
    ],
    "modified_date": world.iso(world.T0),
}


@pytest.fixture
def client(upstream):
    return Client(
        schemas.to_settings(world.client_settings(upstream.base)), sleep=lambda seconds: None, attempts=1
    )


@pytest.fixture
def order(places):
    take_orders(
        [world.GOLDEN], source=world.SOURCE, configured=Configured(supplier_code="AMBAR-01"), now=world.NOW
    )


def decided():
    take_plans([GOLDEN], source=world.SOURCE, now=world.NOW)
    decide_cancellations(limit=10, now=world.NOW)
    return CancellationPlan.objects.get()


def send(client, at=world.NOW):
    return answer_plans(client, now=lambda: at)


def test_a_polled_plan_is_decided_and_answered_completed(upstream, client, order):
    upstream.routes["GET", BASE] = world.listing([GOLDEN])
    upstream.routes["PATCH", f"{BASE}5/"] = lambda query, body: (200, {"pk": 5, **body})

    def take(records, source, now):
        return len(take_plans(records, source=source, now=now))

    Puller("cancellation_plans", take).pull(client, supplier_code="AMBAR-01", overlap_seconds=10)
    decide_cancellations(limit=10, now=CancellationPlan.objects.get().due_at)
    row = CancellationRequest.objects.get()
    assert (row.status, row.quantity, row.reason) == ("completed", 1, "Vazgeçtim")
    assert str(Order.objects.get().cancelled_amount) == "200.00"
    at = CancellationPlan.objects.get().answer_due_at
    assert (send(client, at), send(client, at)) == (1, 0)
    assert upstream.asked(f"{BASE}5/") == [({}, {"status": "completed", "reason": ""})]
    assert CancellationPlan.objects.get().answered_at == at


def test_an_answer_is_told_again_until_upstream_took_it(upstream, client, order):
    decided()
    replies = [(503, {}), (429, {}), (200, {})]
    upstream.routes["PATCH", f"{BASE}5/"] = lambda query, body: replies.pop(0)
    at = world.NOW
    for _ in range(3):
        assert send(client, at) == 1
        at += timedelta(minutes=10)
    assert (send(client, at), replies) == (0, [])
    plan = CancellationPlan.objects.get()
    assert (plan.answer_error, plan.answer_attempts) == ("", 3)
    assert plan.answered_at is not None


def test_an_answer_whose_receipt_was_lost_is_found_to_be_known(upstream, client, order):
    decided()
    upstream.routes["PATCH", f"{BASE}5/"] = lambda query, body: (400, {"status": ["may not go there"]})
    upstream.routes["GET", f"{BASE}5/"] = lambda query, body: (200, {"pk": 5, "status": "completed"})
    send(client)
    assert CancellationPlan.objects.get().answered_at == world.NOW


def test_an_answer_upstream_refuses_is_set_aside_visibly_and_can_be_told_again(upstream, client, order):
    plan = decided()
    upstream.routes["PATCH", f"{BASE}5/"] = lambda query, body: (400, {"status": ["may not go there"]})
    upstream.routes["GET", f"{BASE}5/"] = lambda query, body: (200, {"pk": 5, "status": "rejected"})
    send(client)
    assert send(client, world.NOW + timedelta(days=1)) == 0
    assert "may not go there" in CancellationPlan.objects.get().answer_error
    asker = world.caller("planner")
    shown = asker.get(f"/api/v1/oms/cancellation-plans/{plan.pk}/").json()
    assert (shown["state"], shown["answer"], shown["answered_date"]) == ("done", "completed", None)
    upstream.routes["PATCH", f"{BASE}5/"] = lambda query, body: (200, {})
    assert answers_store.again(plan.pk, now=world.NOW)
    assert not answers_store.again(plan.pk, now=world.NOW)
    send(client)
    assert CancellationPlan.objects.get().answered_at == world.NOW


def test_requests_are_listed_and_filtered(order, django_assert_max_num_queries):
    decided()
    asker = world.caller("planner")
    with django_assert_max_num_queries(8):
        listed = asker.get("/api/v1/oms/cancellation-requests/?status=completed&origin=plan").json()
    assert listed["count"] == 1
    row = listed["results"][0]
    assert row["order_item"]["omnitron_id"] == 9002
    assert [(part["quantity"], part["status"], part["package_id"]) for part in row["parts"]] == [
        ("1.00", "taken", None)
    ]
    assert asker.get(f"/api/v1/oms/cancellation-requests/{row['id']}/").json() == row
    for query, count in (("status=waiting", 0), ("package=4", 0), (f"order_id={row['order_id']}", 1)):
        assert asker.get(f"/api/v1/oms/cancellation-requests/?{query}").json()["count"] == count
    assert asker.get("/api/v1/oms/cancellation-requests/?status=lost").status_code == 400
    assert asker.get(f"/api/v1/oms/orders/{row['order_id']}/changes/").json()["results"] == []


def test_cancellation_reasons_are_kept_once_by_title():
    planner = world.caller("planner")
    path = "/api/v1/oms/cancellation-reasons/"
    made = planner.post(path, {"title": "Water damage", "remote_id": "4"})
    assert made.status_code == 201
    again = planner.post(path, {"title": "Water damage"})
    assert (again.status_code, list(again.json())) == (400, ["title"])
    assert list(planner.post(path, {"title": "Other", "remote_id": "4"}).json()) == ["remote_id"]
    one = f"{path}{made.json()['id']}/"
    assert planner("PATCH", one, {"is_active": False}).json()["is_active"] is False
    assert planner.get(f"{path}?is_active=true").json()["count"] == 0
    assert planner.get(one).json()["title"] == "Water damage"
    assert planner.get(f"{path}999/").status_code == 404

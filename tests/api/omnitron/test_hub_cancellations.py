from datetime import timedelta

import pytest

from ambar.kit import clock
from ambar.omnitron.cancellations.models import CancellationPlan, CancellationReason
from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    hub.places()
    hub.products("A", "B")
    return hub.Caller().post("orders/", hub.order(hub.channel().pk)).json()


def items(order):
    return [item["id"] for item in order["orderitem_set"]]


def test_cancelling_makes_a_plan_and_tells_of_it(order):
    caller = hub.Caller()
    reason = CancellationReason.objects.create(subject="Vazgeçtim", created_at=hub.NOW, modified_at=hub.NOW)
    first, second = items(order)
    body = {
        "cancel_items": [first],
        "order": order["id"],
        "reasons": {str(first): reason.pk},
        "forced_refund_amount": None,
    }
    answer = caller.post(f"orders/{order['id']}/cancel/", body)
    assert answer.status_code == 201, answer.content
    plan = answer.json()
    assert (plan["plan_type"], plan["status"]) == ("cancel", "waiting")
    [row] = plan["cancellationplanorderitem_set"]
    assert (row["order_item"], row["refund_amount"], row["reason"]["subject"]) == (
        first,
        "100.00",
        "Vazgeçtim",
    )
    assert caller.get(f"order_items/{first}/").json()["cancel_status"] == "waiting_approval"
    assert caller.get(f"order_items/{second}/").json()["cancel_status"] is None
    assert hub.event_names() == [
        ("order.created", order["id"], 1),
        ("order.updated", order["id"], 2),
        ("cancellation_plan.created", plan["id"], 1),
    ]


def test_a_whole_order_waits_for_cancellation_and_is_canceled(order):
    caller = hub.Caller()
    plan = caller.post(f"orders/{order['id']}/cancel/", {"is_all": True}).json()
    assert plan["order"]["status"] == "50"
    assert caller.get(f"orders/{order['id']}/").json()["status"] == "50"
    for status in ("confirmed", "confirmed", "completed"):
        assert caller.patch(f"cancellation_plans/{plan['id']}/", {"status": status}).status_code == 200
    done = caller.get(f"orders/{order['id']}/").json()
    assert (done["status"], done["refund_amount"]) == ("100", "200.00")
    assert {row["status"] for row in caller.get(f"order_items/?order={order['id']}").json()["results"]} == {
        "100"
    }
    back = caller.patch(f"cancellation_plans/{plan['id']}/", {"status": "waiting"})
    assert (back.status_code, back.json()["code"]) == (406, "cancellation_plan_status")
    assert [name for name in hub.event_names() if name[0].startswith("cancellation")] == [
        ("cancellation_plan.created", plan["id"], 1),
        ("cancellation_plan.updated", plan["id"], 2),
        ("cancellation_plan.updated", plan["id"], 3),
    ]


def test_each_step_of_a_plan_is_a_later_version_whatever_the_clock_says(order):
    caller = hub.Caller()
    plan = caller.post(f"orders/{order['id']}/cancel/", {"is_all": True}).json()
    ahead = clock.now() + timedelta(hours=1)
    CancellationPlan.objects.update(modified_at=ahead)
    answer = caller.patch(f"cancellation_plans/{plan['id']}/", {"status": "confirmed"}).json()
    assert answer["modified_date"] == clock.iso(ahead + timedelta(microseconds=1))


def test_a_rejected_plan_gives_the_order_back(order):
    caller = hub.Caller()
    plan = caller.post(f"orders/{order['id']}/cancel/", {"is_all": True}).json()
    answer = caller.patch(
        f"cancellation_plans/{plan['id']}/", {"status": "rejected", "reason": "already packed"}
    )
    assert (answer.json()["status"], answer.json()["reason"]) == ("rejected", "already packed")
    assert caller.get(f"orders/{order['id']}/").json()["status"] == "400"
    assert caller.post(f"orders/{order['id']}/cancel/", {"is_all": True}).status_code == 201


def test_an_item_stands_in_one_open_plan(order):
    caller = hub.Caller()
    first, _ = items(order)
    assert caller.post(f"orders/{order['id']}/cancel/", {"cancel_items": [first]}).status_code == 201
    again = caller.post(f"orders/{order['id']}/cancel/", {"cancel_items": [first]})
    assert (again.status_code, again.json()["code"]) == (406, "order_item_not_cancellable")
    assert caller.get("cancellation_plans/?status=waiting&plan_type=cancel").json()["count"] == 1


def test_shipped_items_are_refunded(order):
    caller = hub.Caller()
    first, second = items(order)
    caller.patch(f"order_items/{first}/", {"status": "550"})
    mixed = caller.post(f"orders/{order['id']}/cancel/", {"cancel_items": [first, second]})
    assert (mixed.status_code, list(mixed.json())) == (400, ["cancel_items"])
    plan = caller.post(f"orders/{order['id']}/cancel/", {"cancel_items": [first]}).json()
    assert plan["plan_type"] == "refund"
    caller.patch(f"cancellation_plans/{plan['id']}/", {"status": "completed"})
    assert caller.get(f"order_items/{first}/").json()["status"] == "600"


def test_bad_cancellations_name_the_field(order):
    caller = hub.Caller()
    path = f"orders/{order['id']}/cancel/"
    assert list(caller.post(path, {"cancel_items": [999999]}).json()) == ["cancel_items"]
    assert list(caller.post(path, {"cancel_items": []}).json()) == ["cancel_items"]
    assert list(caller.post(path, {"is_all": True, "reasons": {str(items(order)[0]): 77}}).json()) == [
        "reasons"
    ]
    assert caller.post("orders/999999/cancel/", {"is_all": True}).status_code == 404
    assert caller.patch("cancellation_plans/999/", {"status": "confirmed"}).status_code == 404
    assert caller.get("cancellation_plans/statuses/").json()[0]["value"] == "waiting"


def test_a_merged_item_is_cancelled_with_all_its_units(order):
    from ambar.omnitron.orders.models import OrderItem

    first, second = items(order)
    OrderItem.objects.filter(pk=first).update(attributes={"quantity": 3})
    body = {"cancel_items": [first, second], "order": order["id"]}
    plan = hub.Caller().post(f"orders/{order['id']}/cancel/", body).json()
    units = {row["order_item"]: row["quantity"] for row in plan["cancellationplanorderitem_set"]}
    assert units == {first: "3.00", second: "1.00"}

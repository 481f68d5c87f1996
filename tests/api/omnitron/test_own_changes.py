"""What a program changed under its own word is not told to its own hooks, where the answer said all of it: decision 96."""

import pytest

from ambar.kit.outbox.models import Delivery, DeliveryState
from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db
ME = {"X-Ambar-Caller": "seller-center"}


@pytest.fixture
def order(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "127.0.0.1:9")
    hub.places()
    hub.products("A", "B")
    caller = hub.Caller()
    for path, config in (("mine", {"caller": "seller-center"}), ("erp", {})):
        body = {
            "target_url": f"http://127.0.0.1:9/{path}/", "event_type": "order.updated", "config": config,
            "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}},
        }  # fmt: skip
        assert caller.post("whisperer/hooks/", body).status_code == 201
    return caller.post("orders/", hub.order(hub.channel().pk)).json()


def report(order, status, *, items, headers=None):
    rows = [{"id": row["id"], "status": status} for row in order["orderitem_set"][items]]
    answer = hub.Caller()(
        "PATCH", "order_items/bulk_status_update/", {"orderitem_set": rows}, headers=headers
    )
    assert answer.status_code == 200, answer.content
    return answer.json()["orderitem_set"]


def told(path):
    """Whether the newest event was sent there: True, or False where it was only noted."""
    newest = Delivery.objects.filter(hook__target_url=f"http://127.0.0.1:9/{path}/").latest("id")
    return {DeliveryState.PENDING: True, DeliveryState.DELIVERED: False}[newest.state]


def test_a_change_of_all_items_is_told_to_others_only_and_the_answer_says_what_the_event_would(order):
    rows = report(order, "550", items=slice(None), headers=ME)
    assert (told("mine"), told("erp")) == (False, True)
    event = hub.events()[-1]
    assert (event[0], event[3]) == ("order.updated", 2)
    of_event = {row["id"]: row["delivered_date"] for row in event[4]["orderitem_set"]}
    assert of_event == {row["id"]: row["delivered_date"] for row in rows}
    assert all(of_event.values())


def test_without_the_word_everybody_is_told(order):
    report(order, "450", items=slice(None))
    assert (told("mine"), told("erp")) == (True, True)


def test_one_item_alone_is_changed_under_the_same_word(order):
    first = order["orderitem_set"][0]["id"]
    answer = hub.Caller()("PATCH", f"order_items/{first}/", {"tracking_number": "T-1"}, headers=ME)
    assert (answer.json()["tracking_number"], told("mine"), told("erp")) == ("T-1", False, True)


def test_a_status_of_the_order_that_follows_from_other_items_is_told(order):
    report(order, "450", items=slice(0, 1), headers=ME)
    assert not told("mine")  # the order stays where its other item is
    report(order, "450", items=slice(1, 2), headers=ME)
    assert told("mine")
    assert hub.events()[-1][4]["status"] == "450"


def test_an_order_in_which_a_cancellation_waits_is_told(order):
    first = order["orderitem_set"][0]["id"]
    assert hub.Caller().post(f"orders/{order['id']}/cancel/", {"cancel_items": [first]}).status_code == 201
    report(order, "450", items=slice(None), headers=ME)
    assert told("mine")


def test_an_answered_plan_is_told_to_whoever_answers_it(order):
    plan = hub.Caller().post(f"orders/{order['id']}/cancel/", {"is_all": True}).json()
    answer = hub.Caller()("PATCH", f"cancellation_plans/{plan['id']}/", {"status": "completed"}, headers=ME)
    assert (answer.status_code, told("mine")) == (200, True)

"""`/whisperer/` of the Seller Center: each seller's OMS hears of its own orders and cancellation plans, and of nothing else."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from ambar.kit import work
from ambar.kit.accounts.models import User
from ambar.kit.outbox.models import Delivery, Event, Hook
from ambar.seller_center.orders.models import CancellationPlan, OrderItem
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)
HOOKS = "/api/v1/whisperer/hooks/"


def subscribe(caller: market.Caller, event_type: str, **changes: Any) -> dict[str, Any]:
    body = {
        "target_url": "https://93.184.216.34/in/",
        "event_type": event_type,
        "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 5}},
        "secret_key": "a secret",
        **changes,
    }
    answer = caller.post(HOOKS, body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def take_both() -> None:
    market.take(
        market.shop_order(31, items=[(1, "A", "AMBAR-01"), (2, "B", "MODA-02")], number="BOTH"),
        market.shop_order(32, items=[(3, "B", "MODA-02")], number="THEIRS"),
    )


def heard(hook: dict[str, Any]) -> list[dict[str, Any]]:
    rows = Delivery.objects.filter(hook_id=hook["id"]).select_related("event").order_by("id")
    return [json.loads(row.event.payload) for row in rows]


def send_plan(upstream_id: int, order: int, item: int, status: str = "waiting", minute: int = 0) -> None:
    plan = {"id": upstream_id, "plan_type": "cancel", "status": status, "order": {"id": order}}
    plan["modified_date"] = f"2026-01-15T12:{minute:02}:00Z"
    plan["cancellationplanorderitem_set"] = [{"order_item": item, "reason": "changed mind"}]
    kind = "cancellation_plan.created" if not minute else "cancellation_plan.updated"
    market.hub().post("/api/v1/omnitron/cancellation-plans/", market.envelope(plan, kind))
    work.run_loop("sc_cancellation_plans")


def test_the_registry_names_what_this_system_sends():
    assert market.oms().get(f"{HOOKS}registry/").json() == [
        "cancellation_plan.created", "cancellation_plan.updated", "order.created", "order.updated",
    ]  # fmt: skip


def test_each_seller_hears_of_its_own_part_of_an_order_and_the_owner_of_all():
    hooks = [
        subscribe(caller, "order.created") for caller in (market.oms(), market.oms("MODA-02"), market.owner())
    ]
    take_both()
    told = [[order["supplier_code"] for order in heard(hook)] for hook in hooks]
    assert told == [["AMBAR-01"], ["MODA-02", "MODA-02"], ["AMBAR-01", "MODA-02", "MODA-02"]]
    assert Hook.objects.get(pk=hooks[2]["id"]).scopes == []


def test_the_pushed_order_is_the_one_that_is_listed_and_the_golden_message():
    hook = subscribe(market.oms(), "order.created")
    market.take(market.shop_order(31))
    (sent,) = heard(hook)
    listed = market.oms().get(f"{market.OMS}/orders/").json()["results"]
    assert [sent] == listed
    golden = market.golden("seller-center-to-oms/order.created.json")
    assert set(golden["payload"]) <= set(sent) and golden["event"]["type"] == "order.created"
    event = Event.objects.get()
    assert (event.kind, event.aggregate_id) == ("order", sent["id"]) and isinstance(event.uuid, UUID)


def test_a_newer_version_and_what_the_oms_reports_are_updates_in_sequence():
    hook = subscribe(market.oms(), "order.updated")
    market.take(market.shop_order(31, notes="first"))
    market.take(market.shop_order(31, notes="second", minutes=5), type_="order.updated")
    item = OrderItem.objects.get().pk
    body = {"orderitem_set": [{"id": item, "status": "450"}]}
    for _ in range(2):
        assert market.oms().patch(f"{market.OMS}/order_items/bulk_status_update/", body).status_code == 200
    sent = heard(hook)
    assert [(order["notes"], order["orderitem_set"][0]["status"]) for order in sent] == [
        ("second", "400"),
        ("second", "450"),
    ]
    counted = list(Event.objects.order_by("id").values_list("sequence", flat=True))
    assert counted == sorted(set(counted))


def test_a_cancellation_plan_is_told_when_it_comes_changes_and_is_answered():
    created, updated = (
        subscribe(market.oms(), f"cancellation_plan.{what}") for what in ("created", "updated")
    )
    theirs = subscribe(market.oms("MODA-02"), "cancellation_plan.created")
    market.take(market.shop_order(31, items=[(1, "A", "AMBAR-01")]))
    send_plan(5, 31, 1)
    send_plan(5, 31, 1, status="confirmed", minute=9)
    plan = CancellationPlan.objects.get()
    market.oms().patch(f"{market.OMS}/cancellation_plans/{plan.pk}/", {"status": "completed", "reason": "ok"})
    assert [one["status"] for one in heard(created)] == ["waiting"]
    assert [one["status"] for one in heard(updated)] == ["confirmed", "completed"]
    assert heard(theirs) == []
    assert set(market.golden("seller-center-to-oms/cancellation_plan.json")) <= set(heard(created)[0])


def test_a_plan_that_came_before_its_order_is_told_with_the_order():
    hook = subscribe(market.oms(), "cancellation_plan.created")
    send_plan(5, 31, 1)
    assert heard(hook) == []
    market.take(market.shop_order(31, items=[(1, "A", "AMBAR-01")]))
    assert [one["order"]["number"] for one in heard(hook)] == ["SHOP-31"]


def test_while_nobody_listens_nothing_is_recorded():
    subscribe(market.oms("MODA-02"), "order.created", is_active=False)
    take_both()
    assert not Event.objects.exists()


def test_a_seller_can_not_widen_its_hook_by_config_and_sees_only_its_own():
    theirs = subscribe(market.oms("MODA-02"), "order.created")
    mine = subscribe(market.oms(), "order.created")
    for wider in ({"seller": market.seller("MODA-02").pk}, {"channel": 1}):
        answer = market.oms().patch(f"{HOOKS}{mine['id']}/", {"config": wider})
        assert (answer.status_code, list(answer.json()["config"])) == (400, list(wider))
    take_both()
    assert [order["supplier_code"] for order in heard(mine)] == ["AMBAR-01"]
    assert [one["id"] for one in market.oms().get(HOOKS).json()["results"]] == [mine["id"]]
    assert market.oms().get(f"{HOOKS}{theirs['id']}/").status_code == 404
    seen = market.owner().get(f"{HOOKS}?limit=999").json()["results"]
    assert [one["id"] for one in seen] == [theirs["id"], mine["id"]]
    assert {one["secret_key"] for one in seen} == {"****"}


def test_a_person_of_a_seller_and_a_caller_bound_to_nobody_have_no_hooks():
    body = {
        "target_url": "https://93.184.216.34/", "event_type": "order.created",
        "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 5}},
    }  # fmt: skip
    person = market.user("person", ["seller"], {"seller_id": market.seller().pk})
    assert person.post(HOOKS, body).status_code == 403
    nobody = market.user("nobody", ["oms"], {"seller_id": market.seller().pk})
    User.objects.filter(username="nobody").update(bounds={})
    assert nobody.post(HOOKS, body).status_code == 404
    assert not Hook.objects.exists()

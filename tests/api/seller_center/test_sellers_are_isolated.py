"""Seller A never sees or touches anything of seller B: tried on every endpoint there is.

A new endpoint that this file does not know how to try makes it fail.
"""

import json
import re
from uuid import uuid4

import pytest

from ambar.kit import rest, work
from ambar.kit.accounts.models import AuditEntry, User
from ambar.kit.outbox.models import Delivery, EndpointHealth, Inbox
from ambar.seller_center.api import api, i2, oms_application
from ambar.seller_center.orders.models import CancellationPlan, Order, OrderItem
from ambar.seller_center.packages.models import Package
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

ROOTS = {"": (api, "/api/v1"), "oms": (oms_application, market.OMS), "i2": (i2, "/api/i2")}
ALL = [(root, e) for one, root in ROOTS.values() for e in rest.endpoints(one)]
PARAMETER = re.compile(r"\{(?:int:)?(\w+)\}")
MISSING = 987_654_321

WITHOUT_ID = {
    # What callers send without an id in the path, and to whom it may belong.
    "POST /api/v1/auth/login/": "no seller's data",
    f"POST {market.OMS}/auth/login/": "no seller's data",
    "PUT /api/v1/settings/omnitron/": "marketplace owner",
    "POST /api/v1/settings/omnitron/hook_token/": "marketplace owner",
    "POST /api/v1/sellers/": "marketplace owner",
    "POST /api/v1/setup/places/execute/": "marketplace owner",
    "POST /api/v1/catalogue/products/": "marketplace owner",
    "POST /api/v1/orders/holds/retry/": "marketplace owner",
    "POST /api/v1/forwarding/release/": "marketplace owner",
    "POST /api/v1/omnitron/orders/": "commerce hub",
    "POST /api/v1/omnitron/cancellation-plans/": "commerce hub",
    "POST /api/v1/offers/": "ids in the body",
    f"POST {market.OMS}/handover/orders/": "token says whose",
    "POST /api/v1/whisperer/hooks/": "token says whose",
    "POST /api/v1/whisperer/replays/": "token says whose",
    f"POST {market.OMS}/doctor/order/": "token says whose",
    f"POST {market.OMS}/packages/": "token says whose",
    f"POST {market.OMS}/packages/update-status/": "token says whose",
    **{
        f"{method} {market.OMS}/{name}/{act}/": "ids in the body"
        for method in ("PATCH", "POST")
        for name in ("order_items", "orderitem_set")
        for act in ("bulk_status_update", "bulk_update")
    },
}


def name_of(root, endpoint):
    return f"{endpoint.method} {root}{endpoint.path}"


@pytest.fixture
def world():
    """Two sellers with everything; all texts of seller B hold the word SECRET."""
    hook = {
        "target_url": "https://93.184.216.34/SECRET/",
        "event_type": "order.created",
        "secret_key": "SECRET",
    }
    hook["retry_countdown_config"] = {"choice": "fixed", "kwargs": {"seconds": 1}}
    made = market.oms("MODA-02").post("/api/v1/whisperer/hooks/", hook).json()
    market.take(
        market.shop_order(21, items=[(1, "A", "AMBAR-01")], number="OPEN-1"),
        market.shop_order(22, items=[(2, "B", "MODA-02")], number="SECRET-1", notes="SECRET"),
    )
    plan = {"id": 5, "plan_type": "cancel", "order": {"id": 22}, "modified_date": "2026-01-15T12:00:00Z"}
    plan["cancellationplanorderitem_set"] = [{"order_item": 2, "note": "SECRET"}]
    market.hub().post(
        "/api/v1/omnitron/cancellation-plans/", market.envelope(plan, "cancellation_plan.created")
    )
    b, mine = market.oms("MODA-02"), market.oms("AMBAR-01")
    order = Order.objects.get(number="SECRET-1")
    payload = market.package(
        "SECRET-P1", order_id=order.pk, items=[(OrderItem.objects.get(upstream_id=2).pk, "B")]
    )
    payload.update(supplier_code="MODA-02", tracking_number="SECRET")
    assert b.post(f"{market.OMS}/packages/", market.envelope(payload, "package.created")).status_code == 201
    owner = market.owner()
    for code in ("AMBAR-01", "MODA-02"):
        offer = {"sku": "B", "stock": 3, "retail_price": "77.77", "sale_price": "77.77"}
        owner.post("/api/v1/offers/", {"seller": market.seller(code).pk, "offers": [offer]})
    work.run_loop("sc_cancellation_plans")
    work.run_loop("sc_packages")
    ill = {"origin": "https://93.184.216.34", "failing_since": market.NOW, "modified_at": market.NOW}
    replay = b.post("/api/v1/whisperer/replays/", {"webhook": made["id"]}).json()
    theirs = {
        "source": f"oms:{market.seller('MODA-02').pk}",
        "payload": '{"payload": "SECRET"}',
        "reason": "SECRET",
    }
    came = Inbox.objects.create(
        uuid=uuid4(), type="package.created", aggregate="package:SECRET", state=2, due_at=market.NOW, received_at=market.NOW, **theirs
    )  # fmt: skip
    return {
        "callers": [market.user("a-person", ["seller"], {"seller_id": market.seller().pk}), mine],
        "foreign": {
            "seller_id": market.seller("MODA-02").pk,
            "order_id": order.pk,
            "item_id": OrderItem.objects.get(upstream_id=2).pk,
            "plan_id": CancellationPlan.objects.get().pk,
            "package_id": Package.objects.get(number="SECRET-P1").pk,
            "hook_id": made["id"],
            "key": Delivery.objects.get().pk,
            "replay_id": replay["id"],
            "received_id": came.pk,
            "endpoint_id": EndpointHealth.objects.create(**ill).pk,
        },
    }


def test_every_endpoint_is_tried():
    """Trap 20: no endpoint is left out of the tests of this file."""
    assert len(ALL) > 50
    unknown = [
        name_of(root, e)
        for root, e in ALL
        if not PARAMETER.search(e.path) and e.method != "GET" and name_of(root, e) not in WITHOUT_ID
    ]
    assert unknown == []


def test_lists_hold_nothing_of_another_seller(world):
    """Trap 20: every list, as seller A, holds nothing of seller B."""
    foreign_seller = world["foreign"]["seller_id"]
    for root, endpoint in ALL:
        if endpoint.method != "GET" or PARAMETER.search(endpoint.path):
            continue
        for caller in world["callers"]:
            answer = caller.get(f"{root}{endpoint.path}")
            assert answer.status_code in (200, 403), (name_of(root, endpoint), answer.content)
            text = answer.content.decode()
            assert "SECRET" not in text and "MODA-02" not in text, name_of(root, endpoint)
            assert f'"seller":{foreign_seller},' not in text, name_of(root, endpoint)


def test_a_foreign_id_answers_exactly_like_a_missing_one_and_is_audited(world):
    """Trap 20: every endpoint with an id: B's id is answered to A like a missing one, with an audit entry."""
    tried = 0
    for root, endpoint in ALL:
        names = [n for n in PARAMETER.findall(endpoint.path) if n != "action"]
        if not names:
            continue
        (name,) = names
        body = {"status": "confirmed", "name": "x", "username": "someone", "password": "long-enough-1"}
        if "sellers/" in endpoint.path:
            body = {} if endpoint.path.endswith("token/") else {"name": "x"}
            body = {"username": "someone", "password": "long-enough-1"} if "users" in endpoint.path else body
        for caller in world["callers"]:
            answers = []
            for pk in (world["foreign"][name], MISSING, 2**70):
                path = PARAMETER.sub(lambda m, pk=pk: "ship" if m[1] == "action" else str(pk), endpoint.path)
                got = caller(endpoint.method, root + path, None if endpoint.method == "GET" else body)
                answers.append((got.status_code, got.content))
            assert answers[0] == answers[1] == answers[2], (name_of(root, endpoint), answers)
            assert answers[0][0] in (404, 403), (name_of(root, endpoint), answers)
            tried += answers[0][0] == 404
    assert tried >= 14
    assert AuditEntry.objects.filter(action="foreign_id_refused").count() >= 14


def test_filters_do_not_reach_another_sellers_rows(world):
    foreign = world["foreign"]
    queries = [
        f"supplier_code=MODA-02&pk__in={foreign['order_id']}",
        f"order={foreign['order_id']}&order_id={foreign['order_id']}&number=SECRET-1&order_number=SECRET-1",
        f"id__in={foreign['order_id']},{foreign['item_id']},{foreign['package_id']},{foreign['plan_id']}",
    ]
    for caller in world["callers"]:
        for path in ("orders", "order_items", "orderitem_set", "cancellation_plans"):
            for query in queries:
                answer = caller.get(f"{market.OMS}/{path}/?{query}")
                assert b"SECRET" not in answer.content


def test_writes_without_an_id_in_the_path_stay_with_the_caller(world):
    foreign = world["foreign"]
    person, mine = world["callers"]
    offer = {"sku": "B", "stock": 9, "retail_price": "1.00", "sale_price": "1.00"}
    stranger = person.post("/api/v1/offers/", {"seller": foreign["seller_id"], "offers": [offer]})
    missing = person.post("/api/v1/offers/", {"seller": MISSING, "offers": [offer]})
    assert (stranger.status_code, stranger.content) == (404, missing.content)
    for name in ("order_items", "orderitem_set"):
        for act in ("bulk_status_update", "bulk_update"):
            body = {"orderitem_set": [{"id": foreign["item_id"], "status": "100"}]}
            other = {"orderitem_set": [{"id": MISSING, "status": "100"}]}
            got, lost = (mine.patch(f"{market.OMS}/{name}/{act}/", b) for b in (body, other))
            assert got.status_code == lost.status_code == 400
            assert got.content == lost.content.replace(
                str(MISSING).encode(), str(foreign["item_id"]).encode()
            )
    assert OrderItem.objects.get(pk=foreign["item_id"]).status == 400

    theirs = market.package(
        "SECRET-P1", state=900, sequence=99, order_id=foreign["order_id"], items=[(foreign["item_id"], "B")]
    )
    answer = mine.post(
        f"{market.OMS}/packages/update-status/", market.envelope(theirs, "package.status.cancelled")
    )
    assert answer.status_code == 201
    work.run_loop("sc_packages")
    assert Package.objects.get(pk=foreign["package_id"]).state_code == 100
    own = Package.objects.get(number="SECRET-P1", seller=market.seller())
    assert own.order_id is None
    assert list(own.packageitem_set.values_list("order_item_id", flat=True)) == [None]


def test_what_only_the_marketplace_owner_may_do_is_refused(world):
    for root, endpoint in ALL:
        if WITHOUT_ID.get(name_of(root, endpoint)) in ("marketplace owner", "commerce hub"):
            for caller in world["callers"]:
                assert caller(endpoint.method, root + endpoint.path, {}).status_code == 403, name_of(
                    root, endpoint
                )


def test_nobody_gets_anything_without_a_token(world):
    nobody = market.Caller(None)
    for root, endpoint in ALL:
        if endpoint.path == "/auth/login/":
            continue
        path = PARAMETER.sub(lambda m: "ship" if m[1] == "action" else "1", endpoint.path)
        answer = nobody(endpoint.method, root + path, None if endpoint.method == "GET" else {})
        assert answer.status_code == 401, (name_of(root, endpoint), answer.status_code)


def test_a_user_bound_to_nobody_sees_nothing(world):
    lost = market.user("lost", ["seller", "oms"], {"seller_id": 0})
    User.objects.filter(username="lost").update(bounds={})
    for path in (
        "/api/v1/orders/",
        "/api/v1/packages/",
        "/api/v1/offers/",
        "/api/v1/sellers/",
        f"{market.OMS}/orders/",
    ):
        assert json.loads(lost.get(path).content)["count"] == 0

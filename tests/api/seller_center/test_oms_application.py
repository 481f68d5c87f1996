"""What a seller's OMS reads and writes at `/api/v1/applications/oms/`."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from ambar.kit import clock, work
from ambar.seller_center.oms_application import waiting
from ambar.seller_center.orders import store
from ambar.seller_center.orders.domain import versions
from ambar.seller_center.orders.models import CancellationPlan, Forward, Order, OrderItem
from tests.worlds import seller_center_market as market
from tests.worlds.waiting import LONG_SECONDS, until

pytestmark = pytest.mark.django_db(transaction=True)

BULK = f"{market.OMS}/order_items/bulk_status_update/"


def two_sellers():
    market.take(
        market.shop_order(21, items=[(1, "A", "AMBAR-01"), (2, "B", "MODA-02"), (3, "C", "AMBAR-01")])
    )
    market.take(market.shop_order(22, items=[(4, "A", "AMBAR-01")]))


def item(upstream_id):
    return OrderItem.objects.get(upstream_id=upstream_id)


def bulk(caller, *rows, method="PATCH", path=BULK):
    return caller(method, path, {"orderitem_set": list(rows)})


def test_orders_of_the_own_supplier_only():
    two_sellers()
    oms = market.oms()
    page = oms.get(f"{market.OMS}/orders/?supplier_code=AMBAR-01&sort=modified_date&limit=500").json()
    assert [o["number"] for o in page["results"]] == ["SHOP-21-1", "SHOP-22"]
    assert {o["supplier_code"] for o in page["results"]} == {"AMBAR-01"}
    assert oms.get(f"{market.OMS}/orders/?supplier_code=MODA-02").json()["results"] == []
    assert [i["order_number"] for o in page["results"] for i in o["orderitem_set"]] == ["SHOP-21-1"] * 2 + [
        "SHOP-22"
    ]


def test_following_changes_by_time_sees_each_change_once():
    """Trap 18: whoever follows the list by time sees each change once."""
    two_sellers()
    oms = market.oms()
    last = oms.get(f"{market.OMS}/orders/?sort=modified_date").json()["results"][-1]["modified_date"]
    bulk(oms, {"id": item(1).pk, "status": 450})
    page = oms.get(f"{market.OMS}/orders/?modified_date__gt={last}&sort=modified_date").json()
    assert [o["number"] for o in page["results"]] == ["SHOP-21-1"]


def test_who_waits_for_an_order_is_answered_when_it_is_there_and_sees_no_other_seller_at_work(monkeypatch):
    monkeypatch.setattr(waiting, "LONGEST_SECONDS", LONG_SECONDS)
    monkeypatch.setattr(waiting, "LOOK_SECONDS", LONG_SECONDS)
    two_sellers()
    oms = market.oms()
    last = Order.objects.order_by("-modified_at").first().modified_at
    looked, look = [], store.changed_after

    def noted(seller_id, moment, known):
        looked.append(look(seller_id, moment, known))
        return looked[-1]

    monkeypatch.setattr(store, "changed_after", noted)

    def orders_come():
        for order, seller in ((23, "MODA-02"), (24, "AMBAR-01")):
            until(lambda order=order: len(looked) >= order - 22)
            market.take(market.shop_order(order, items=[(order, "A", seller)]))
        connection.close()

    coming = threading.Thread(target=orders_come)
    coming.start()
    path = f"{market.OMS}/orders/?modified_date__gt={clock.iso(last)}&wait_after={clock.iso(last)}"
    page = oms.get(path).json()
    coming.join(LONG_SECONDS)
    assert ([o["number"] for o in page["results"]], page["wait_after"]) == (["SHOP-24"], clock.iso(last))
    assert looked == [False, False, True]


def test_only_a_few_wait_at_a_time_and_the_others_are_answered_at_once(monkeypatch):
    two_sellers()
    monkeypatch.setattr(waiting, "_places", threading.BoundedSemaphore(1))
    with waiting._places:
        page = market.oms().get(f"{market.OMS}/orders/?wait_after=2999-01-01").json()
    assert (page["count"], "wait_after" in page) == (2, False)
    refused = market.oms().get(f"{market.OMS}/orders/?wait_after=soon")
    assert (refused.status_code, list(refused.json())) == (400, ["wait_after"])


@pytest.mark.parametrize(("threads", "wait"), [(1, 0), (3, 0), (4, 1), (8, 2), (64, 2)])
def test_of_the_places_for_requests_a_quarter_at_most_is_waited_in(threads, wait):
    assert waiting.places(threads) == wait


def test_versions_of_orders_are_told_without_the_orders():
    two_sellers()
    page = market.oms().get(f"{market.OMS}/orders/?sort=modified_date&fields=pk,modified_date").json()
    mine = Order.objects.filter(seller__supplier_code="AMBAR-01").order_by("modified_at")
    assert page["results"] == [{"pk": o.pk, "modified_date": clock.iso(o.modified_at)} for o in mine]
    whole = market.oms().get(f"{market.OMS}/orders/?sort=modified_date").json()["results"]
    assert page["results"] == [{"pk": o["pk"], "modified_date": o["modified_date"]} for o in whole]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("number=SHOP-22", ["SHOP-22"]),
        ("status__in=400,preparing", ["SHOP-21-1", "SHOP-22"]),
        ("status=450&status=500", []),
        ("page=2&limit=1&sort=id", ["SHOP-22"]),
        ("sort=-id", ["SHOP-22", "SHOP-21-1"]),
        ("unknown_key=1&channel_id=6", ["SHOP-21-1", "SHOP-22"]),
    ],
)
def test_filters_of_orders(query, numbers):
    two_sellers()
    page = market.oms().get(f"{market.OMS}/orders/?{query}").json()
    assert [o["number"] for o in page["results"]] == numbers


def test_unreadable_filters_are_400_naming_them():
    oms = market.oms()
    for query in ("modified_date__gte=soon", "pk__in=a,b", "status__in=9999", "limit=0", "id__gt=x"):
        answer = oms.get(f"{market.OMS}/orders/?{query}")
        assert (answer.status_code, list(answer.json())) == (400, [query.partition("=")[0]])


def test_ids_and_items_by_both_names():
    two_sellers()
    oms, mine = market.oms(), Order.objects.get(number="SHOP-22")
    assert oms.get(f"{market.OMS}/orders/?pk__in={mine.pk}").json()["count"] == 1
    for name in ("order_items", "orderitem_set"):
        rows = oms.get(f"{market.OMS}/{name}/?order={mine.pk}").json()["results"]
        assert [r["pk"] for r in rows] == [item(4).pk]
        assert oms.get(f"{market.OMS}/{name}/{item(4).pk}/").json()["order_number"] == "SHOP-22"


def test_places_with_counts_and_code():
    market.take(market.shop_order(21))
    oms = market.oms()
    for kind in ("countries", "cities", "townships", "districts"):
        assert oms.get(f"{market.OMS}/{kind}/count/").json() == {"count": 1}
        assert oms.get(f"{market.OMS}/{kind}/?limit=1").json()["count"] == 1
    assert oms.get(f"{market.OMS}/countries/?code=TR").json()["results"][0]["code"] == "tr"
    assert oms.get(f"{market.OMS}/cities/?name__iexact=istanbul").json()["count"] == 1
    assert oms.get(f"{market.OMS}/active_user/").json()["username"] == "oms:AMBAR-01"


@pytest.mark.parametrize("method", ["PATCH", "POST"])
@pytest.mark.parametrize(
    "name", ["order_items/bulk_status_update", "order_items/bulk_update", "orderitem_set/bulk_update"]
)
def test_bulk_update_answers_each_status(method, name):
    two_sellers()
    rows = [
        {"id": item(1).pk, "status": "500", "tracking_number": "TR1"},
        {"pk": item(3).pk, "status": "preparing"},
    ]
    answer = bulk(market.oms(), *rows, method=method, path=f"{market.OMS}/{name}/")
    assert (answer.status_code, answer.json()) == (
        200,
        {"orderitem_set": [{"id": item(1).pk, "status": "500"}, {"id": item(3).pk, "status": "450"}]},
    )
    assert item(1).tracking_number == "TR1"
    assert Order.objects.get(number="SHOP-21-1").status == 450
    assert set(Forward.objects.values_list("kind", "record_id")) == {
        ("item", item(1).pk),
        ("item", item(3).pk),
    }


def test_who_asks_is_told_what_its_update_made_of_each_order_and_a_repeat_made_nothing():
    two_sellers()
    oms, asked = market.oms(), {"X-Ambar-Versions": "1"}
    body = {"orderitem_set": [{"id": item(1).pk, "status": "500"}, {"id": item(3).pk, "status": "500"}]}
    before = Order.objects.get(number="SHOP-21-1")
    told = oms("PATCH", BULK, body, asked).json()["orders"]
    after = Order.objects.get(number="SHOP-21-1")
    assert after.modified_at > before.modified_at
    row = {"id": after.pk, "pk": after.pk, "status": "500"}
    was, now = clock.iso(before.modified_at), clock.iso(after.modified_at)
    assert told == [{**row, "previous_modified_date": was, "modified_date": now}]
    repeated = oms("PATCH", BULK, body, asked).json()["orders"]
    assert repeated == [{**row, "previous_modified_date": now, "modified_date": now}]


def named(*orders):
    return ".".join(
        f"{o.pk}-{int(o.modified_at.timestamp()) * 1_000_000 + o.modified_at.microsecond}" for o in orders
    )


def test_versions_a_caller_has_are_left_out_until_they_are_others():
    two_sellers()
    oms, url = market.oms(), f"{market.OMS}/orders/?sort=id"
    one, two = Order.objects.filter(seller__supplier_code="AMBAR-01").order_by("pk")
    whole = oms.get(url).json()
    left = oms("GET", url, headers={"X-Ambar-Known": named(one)}).json()
    assert left == {**whole, "count": 1, "results": whole["results"][1:], "known": 1}
    thin = f"{url}&fields=pk,modified_date"
    assert oms("GET", thin, headers={"X-Ambar-Known": named(one, two)}).json()["results"] == []
    assert oms("GET", url, headers={"X-Ambar-Known": ""}).json() == {**whole, "known": 0}
    known = named(one, two)
    bulk(oms, {"id": item(1).pk, "status": "500"})
    changed = oms("GET", url, headers={"X-Ambar-Known": known}).json()
    assert [row["pk"] for row in changed["results"]] == [Order.objects.get(number="SHOP-21-1").pk]
    for wrong in ("1", "1-x", "x-1", "1-2-3", f"1-{10**18 - 1}", ".", "1-1." * 1000 + "1-1"):
        answer = oms("GET", url, headers={"X-Ambar-Known": wrong})
        assert (answer.status_code, list(answer.json())) == (400, ["X-Ambar-Known"])


def test_what_a_caller_has_is_no_news_to_wait_for():
    two_sellers()
    one, two = Order.objects.filter(seller__supplier_code="AMBAR-01").order_by("modified_at")
    seller, before = one.seller_id, one.modified_at - timedelta(seconds=1)
    known = versions.read(named(one, two))
    assert store.changed_after(seller, before, versions.Known())
    assert store.changed_after(seller, before, versions.read(named(one)))
    assert not store.changed_after(seller, before, known)
    bulk(market.oms(), {"id": item(4).pk, "status": "500"})
    assert store.changed_after(seller, before, known)


def test_an_unknown_id_or_anothers_refuses_the_whole_batch():
    two_sellers()
    foreign = item(2).pk
    for stranger in (foreign, 999_999_999):
        answer = bulk(market.oms(), {"id": item(1).pk, "status": 500}, {"id": stranger, "status": 500})
        assert (answer.status_code, answer.json()) == (
            400,
            {"orderitem_set": [f"Unknown order item: {stranger}."]},
        )
    assert {item(1).status, item(2).status} == {400}
    assert not Forward.objects.exists()


def test_a_status_never_goes_backwards_except_by_cancellation():
    two_sellers()
    oms = market.oms()
    bulk(oms, {"id": item(1).pk, "status": 550})
    answer = bulk(oms, {"id": item(1).pk, "status": 500}, {"id": item(3).pk, "status": 450})
    assert answer.status_code == 400
    assert answer.json() == {"orderitem_set": [f"Order item {item(1).pk} may not go from 550 to 500."]}
    assert item(3).status == 400
    assert bulk(oms, {"id": item(1).pk, "status": 100}).json()["orderitem_set"][0]["status"] == "100"
    assert bulk(oms, {"id": item(1).pk, "status": 450}).status_code == 400


def test_a_repeat_changes_nothing_and_forwards_nothing_more():
    two_sellers()
    oms, row = market.oms(), {"id": item(1).pk, "status": 500, "tracking_number": "T"}
    first = bulk(oms, row).json()
    order, forward = Order.objects.get(number="SHOP-21-1"), Forward.objects.get()
    assert bulk(oms, row).json() == first
    assert Order.objects.get(number="SHOP-21-1").modified_at == order.modified_at
    assert Forward.objects.get().version == forward.version


def test_a_repeat_lets_an_order_that_lags_behind_its_items_follow_them_again():
    two_sellers()
    oms, row = market.oms(), {"id": item(4).pk, "status": 500}
    bulk(oms, row)
    Order.objects.filter(number="SHOP-22").update(status=400)
    before, forward = Order.objects.get(number="SHOP-22"), Forward.objects.get()
    assert bulk(oms, row).status_code == 200
    after = Order.objects.get(number="SHOP-22")
    assert (after.status, after.modified_at > before.modified_at) == (500, True)
    assert Forward.objects.get().version == forward.version
    bulk(oms, row)
    assert Order.objects.get(number="SHOP-22").modified_at == after.modified_at


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "orderitem_set"),
        ({"orderitem_set": []}, "orderitem_set"),
        ({"orderitem_set": ["x"]}, "orderitem_set.0"),
        ({"orderitem_set": [{"status": "450"}]}, "orderitem_set.0.id"),
        ({"orderitem_set": [{"id": 1, "status": "nope"}]}, "orderitem_set.0.status"),
        ({"orderitem_set": [{"id": 1, "tracking_number": 5}]}, "orderitem_set.0.tracking_number"),
        ({"orderitem_set": [{"id": 1, "invoice_date": "soon"}]}, "orderitem_set.0.invoice_date"),
    ],
)
def test_malformed_bulk_bodies_name_the_field(body, field):
    answer = market.oms().patch(BULK, body)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_one_item_is_patched_by_the_same_rules():
    two_sellers()
    oms = market.oms()
    answer = oms.patch(f"{market.OMS}/order_items/{item(1).pk}/", {"status": "450"})
    assert (answer.status_code, answer.json()["status"]) == (200, "450")
    assert oms.patch(f"{market.OMS}/order_items/{item(2).pk}/", {"status": "450"}).status_code == 404


def test_a_cancellation_plan_is_answered_once_and_forwarded():
    two_sellers()
    plan = {"id": 5, "plan_type": "cancel", "order": {"id": 22}, "modified_date": "2026-01-15T12:00:00Z"}
    plan["cancellationplanorderitem_set"] = [{"order_item": 4, "quantity": "1.00"}]
    market.hub().post(
        "/api/v1/omnitron/cancellation-plans/", market.envelope(plan, "cancellation_plan.created")
    )
    work.run_loop("sc_cancellation_plans")
    oms, row = market.oms(), CancellationPlan.objects.get()
    (listed,) = oms.get(f"{market.OMS}/cancellation_plans/?status=waiting").json()["results"]
    assert listed["cancellationplanorderitem_set"] == [{"order_item": item(4).pk, "quantity": "1.00"}]
    path = f"{market.OMS}/cancellation_plans/{row.pk}/"
    assert oms.patch(path, {"status": "rejected", "reason": "shipped"}).json()["status"] == "rejected"
    assert oms.patch(path, {"status": "rejected", "reason": "shipped"}).status_code == 200
    assert Forward.objects.get(kind="plan").version == 1
    assert oms.patch(path, {"status": "confirmed"}).status_code == 400
    assert oms.patch(path, {"status": "done"}).status_code == 400
    assert market.oms("MODA-02").get(path).status_code == 404


def test_the_order_is_marked_as_taken_over():
    two_sellers()
    pk = Order.objects.get(number="SHOP-22").pk
    answer = market.oms().patch(f"{market.OMS}/orders/{pk}/", {"is_send": True, "number": "x"})
    assert (answer.json()["is_send"], answer.json()["number"]) == (True, "SHOP-22")

"""One set of stories, told to the real Seller Center and to `ambar fake seller-center`: both answer the same."""

import base64
import hmac
import time
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import orjson
import pytest

from ambar.cli.fake.contract_server import Running
from ambar.cli.fake.orders_book import OrdersBook
from ambar.cli.fake.seller_center_fake import SellerCenterFake
from ambar.kit import clock, work
from ambar.seller_center.orders.models import CancellationPlan, Order
from ambar.seller_center.sellers.actions.change_seller import ChangeSeller, change_seller
from tests.worlds import seller_center_market as market
from tests.worlds.twins import Twins, plain

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "s3cret of both"
ORDERS, BULK = f"{market.OMS}/orders/", f"{market.OMS}/order_items/bulk_status_update/"
CREATED, STATUS = f"{market.OMS}/packages/", f"{market.OMS}/packages/update-status/"
SPOKEN = {BULK: {"PATCH", "POST"}, CREATED: {"POST"}}
"""Methods of the paths that take no GET."""
RULES = ["countries", "cities", "townships", "districts"]


@pytest.fixture(scope="module")
def fake():
    """One fake for all stories; each fills it with what its real twin has."""
    running = Running(SellerCenterFake(OrdersBook(), token="of the twin"))
    yield running
    running.close()


@pytest.fixture
def both(fake):
    market.take(
        market.shop_order(21, items=[(1, "A", "AMBAR-01"), (2, "B", "AMBAR-01")]),
        market.shop_order(22, items=[(3, "A", "AMBAR-01"), (4, "C", "AMBAR-01")], minutes=1),
        market.shop_order(23, items=[(5, "A", "AMBAR-01")], minutes=1),
    )
    plan = {"id": 5, "plan_type": "cancel", "order": {"id": 22}, "modified_date": "2026-01-15T12:00:00Z"}
    plan["cancellationplanorderitem_set"] = [{"order_item": 4, "quantity": "1.00"}]
    market.hub().post(
        "/api/v1/omnitron/cancellation-plans/", market.envelope(plan, "cancellation_plan.created")
    )
    work.run_loop("sc_cancellation_plans")
    oms = market.oms()
    copy_to(fake.fake, oms)
    twins = Twins(oms, fake, token="of the twin", settle=lambda: work.run_loop("sc_packages"))
    yield twins
    twins.close()


def copy_to(fake, oms):
    """The fake's world becomes the real one's."""
    book = fake.book
    for kept in (book.orders, book.items, book.plans):
        kept.clear()
    fake.forget()
    fake.hook_secret = ""
    for row in oms.get(f"{ORDERS}?limit=1000").json()["results"]:
        book.put(row)
    book.plans.update(
        {row["id"]: row for row in oms.get(f"{market.OMS}/cancellation_plans/").json()["results"]}
    )
    for kind, rows in book.places.rows.items():
        rows.clear()
        rows.update({row["id"]: row for row in oms.get(f"{market.OMS}/{kind}/?limit=1000").json()["results"]})


def items():
    return [row["id"] for row in market.oms().get(f"{market.OMS}/order_items/?sort=id").json()["results"]]


def test_lists_are_filtered_sorted_and_cut_alike(both):
    assert both.get(f"{ORDERS}?supplier_code=AMBAR-01&sort=modified_date&limit=500")["count"] == 3
    page = both.get(f"{ORDERS}?limit=2")
    assert parse_qs(urlsplit(page["next"]).query) == {"limit": ["2"], "page": ["2"]}
    assert [row["number"] for row in page["results"]] == ["SHOP-21", "SHOP-22"]
    for query in (
        "limit=2&page=2", "page=7", "sort=-id", "sort=-modified_date", "number=SHOP-22", "status__in=400,preparing",
        "status=450&status=500", "unknown=1&channel_id=6", "modified_date__gt=2026-01-15T12:00:30Z", "pk__in=0", "supplier_code=X",
        "limit=0", "page=x", "modified_date__gte=soon", "status__in=9999", "id__gt=x", "sort=nonsense", "status=approved",
    ):  # fmt: skip
        both.get(f"{ORDERS}?{query}")
    first = both.get(f"{market.OMS}/order_items/?sort=id")["results"][0]
    both.get(f"{ORDERS}?pk__in={first['order']}")
    both.get(f"{market.OMS}/orderitem_set/?order={first['order']}")
    both.get(f"{market.OMS}/order_items/{first['id']}/")
    both.get(f"{ORDERS}{first['order']}/")
    assert both.get(f"{ORDERS}count/") == {"count": 3}


def test_who_may_not_ask_and_what_is_not_there_is_answered_alike(both):
    for path in (ORDERS, f"{market.OMS}/active_user/", f"{market.OMS}/cities/count/"):
        assert both("GET", path, real=market.Caller(None), token="")[0] == 401
        assert both("GET", path, real=market.Caller("wrong"), token="wrong")[0] == 401
        assert both("GET", path, None, {"Authorization": "Basic dTpw"})[0] == 401
    assert both("GET", f"{ORDERS}999999/")[0] == 404
    assert both("GET", f"{market.OMS}/cancellation_plans/999999/")[0] == 404
    assert both("PATCH", BULK, {"orderitem_set": []}, real=market.Caller(None), token="")[0] == 401
    assert both("POST", CREATED, {}, real=market.Caller(None), token="")[0] == 401


def test_what_is_no_method_no_path_and_no_filter_is_answered_alike(both):
    """A filter the real one does not know answers everything, with the fake too: else an integrator finds out in production."""
    order = both.get(f"{ORDERS}?sort=id")["results"][0]["id"]
    for path in (ORDERS, f"{ORDERS}count/", f"{ORDERS}{order}/", BULK, CREATED, f"{market.OMS}/cities/"):
        for method in {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"} - SPOKEN.get(
            path, {"GET"}
        ):
            if (method, path) != ("PATCH", f"{ORDERS}{order}/"):
                assert both(method, path)[0] == 405
    for path in (
        "/orders",
        "/countries/count",
        "/nope/",
        "/orders/x/",
        "/orders/-1/",
        f"/orders/{10**24}/",
        "/",
    ):
        both("GET", market.OMS + path)
    for query in (
        f"id={order}", f"id={10**24}", "number__iexact=shop-21", "number__contains=21", "id__gte=2", "status__gte=450", "order=1",
        "created_date__gte=soon", "date_placed__lt=2026-01-01", "number__in=SHOP-21,SHOP-22", f"id__gt={10**24}", "format=csv",
    ):  # fmt: skip
        both.get(f"{ORDERS}?{query}")
    for query in (
        "sku__in=A,C",
        "sku=A",
        f"order={10**24}",
        f"order={10**19}",
        "order=x",
        "order__in=",
        "created_date__gte=2027-01-01",
    ):
        both.get(f"{market.OMS}/order_items/?{query}")
    for query in (
        "order_number=SHOP-22",
        "order_number=X",
        "status__in=waiting,done",
        "status=done",
        "created_date__gte=soon",
    ):
        both.get(f"{market.OMS}/cancellation_plans/?{query}")


def test_bodies_that_are_none_are_refused_alike(both):
    order = both.get(f"{ORDERS}?sort=id")["results"][0]["id"]
    plan = both.get(f"{market.OMS}/cancellation_plans/")["results"][0]["id"]
    for body in (b"", b"{", b"[]", b"null", b"5", b'"x"', b"\xff", b'{"a": 1, "a": 2}', b"{}"):
        for path in (f"{ORDERS}{order}/", f"{market.OMS}/cancellation_plans/{plan}/", BULK):
            both("PATCH", path, body)
        both("POST", CREATED, body)
        both("POST", STATUS, body)


def test_places_are_listed_and_counted_alike(both):
    for kind in RULES:
        assert both.get(f"{market.OMS}/{kind}/count/") == {"count": 1}
        assert both.get(f"{market.OMS}/{kind}/?limit=1")["count"] == 1
    for query in ("countries/?code=TR", "countries/?code__exact=tr", "countries/?code=xx", "cities/?name__iexact=istanbul",
                  "cities/?name=İstanbul", "townships/?city=999", "districts/?sort=-name"):  # fmt: skip
        both.get(f"{market.OMS}/{query}")


def test_statuses_are_taken_and_refused_alike(both):
    one, two, three, *_ = items()
    for body in ({}, [], {"orderitem_set": []}, {"orderitem_set": ["x"]}, {"orderitem_set": [{"status": "450"}]},
                 {"orderitem_set": [{"id": 1, "status": "nope"}]}, {"orderitem_set": [{"id": 1, "tracking_number": 5}]},
                 {"orderitem_set": [{"id": one, "status": 500}, {"id": 999_999_999, "status": 500}]}):  # fmt: skip
        assert both("PATCH", BULK, body)[0] == 400
    done = {
        "orderitem_set": [
            {"id": one, "status": "500", "tracking_number": "TR1"},
            {"pk": two, "status": "preparing"},
        ]
    }
    assert both("PATCH", BULK, done)[0] == 200
    assert both("POST", f"{market.OMS}/orderitem_set/bulk_update/", done)[0] == 200
    assert (
        both(
            "PATCH", BULK, {"orderitem_set": [{"id": one, "status": "450"}, {"id": three, "status": "450"}]}
        )[0]
        == 400
    )
    assert both("PATCH", f"{market.OMS}/order_items/{three}/", {"status": "520"})[0] == 200
    assert both("PATCH", f"{market.OMS}/order_items/999999/", {"status": "520"})[0] == 404
    assert both("PATCH", BULK, {"orderitem_set": [{"id": one, "status": "100"}]})[0] == 200
    after = both.get(f"{ORDERS}?sort=id")
    assert [row["status"] for row in after["results"]] == ["450", "400", "400"]
    pk = Order.objects.get(number="SHOP-22").pk
    assert both("PATCH", f"{ORDERS}{pk}/", {"is_send": True, "number": "x"})[1]["is_send"] is True


def versions_of(rows):
    return ".".join(
        f"{row['pk']}-{round(clock.parse(row['modified_date']).timestamp() * 10**6)}" for row in rows
    )


def test_known_versions_are_left_out_alike(both):
    """Decision 105: orders in exactly a version that is named are not sent, and how many were named is told."""
    rows = both.get(f"{ORDERS}?sort=id")["results"]

    def left(known, query="sort=id"):
        return both("GET", f"{ORDERS}?{query}", headers={"X-Ambar-Known": known})

    status, page = left(versions_of(rows[:2]))
    assert (status, page["known"], [row["pk"] for row in page["results"]]) == (200, 2, [rows[2]["pk"]])
    assert left("")[1]["known"] == 0
    assert left(versions_of(rows))[1]["results"] == []
    status, page = left(f"{rows[0]['pk']}-1", "sort=id&limit=1&page=2")
    assert (page["known"], page["count"], [row["pk"] for row in page["results"]]) == (1, 3, [rows[1]["pk"]])
    for malformed in ("x", "1-2-3", "1-", "-1", "1-2.", "1-9999999999999999999", ".".join(["1-1"] * 1001)):
        status, refusal = left(malformed)
        assert (status, list(refusal)) == (400, ["X-Ambar-Known"])


def test_what_a_bulk_update_made_of_orders_is_told_alike(both, fake):
    """Twins compare no moments: those of the fake are looked at in its book."""
    one, two, three, *_ = items()
    asked, orders = {"X-Ambar-Versions": "1"}, fake.fake.book.orders

    def told(*rows):
        stood = {pk: row["modified_date"] for pk, row in orders.items()}
        status, answer = both("PATCH", BULK, {"orderitem_set": list(rows)}, asked)
        assert status == 200
        moved = {
            row["pk"] for row in answer["orders"] if row["previous_modified_date"] != row["modified_date"]
        }
        assert moved == {pk for pk, row in orders.items() if row["modified_date"] != stood[pk]}
        return [(row["status"], row["pk"] in moved) for row in answer["orders"]]

    assert told({"id": one, "status": "500"}) == [("400", True)]
    assert told({"id": one, "status": "500"}) == [("400", False)]
    stood = {pk: row["modified_date"] for pk, row in orders.items()}
    body = {"orderitem_set": [{"id": key, "status": "500"} for key in (one, two, three)]}
    answer = both.client.patch(
        BULK, json=body, headers={**asked, "Authorization": "Token of the twin"}
    ).json()
    assert [(row["previous_modified_date"], row["modified_date"]) for row in answer["orders"]] == [
        (stood[row["pk"]], orders[row["pk"]]["modified_date"]) for row in answer["orders"]
    ]
    assert [row["status"] for row in answer["orders"]] == ["500", "400"]
    assert "orders" not in both("PATCH", BULK, body)[1]


def test_plans_are_answered_alike(both):
    path = f"{market.OMS}/cancellation_plans/{CancellationPlan.objects.get().pk}/"
    assert both.get(f"{market.OMS}/cancellation_plans/?status=waiting&sort=modified_date")["count"] == 1
    assert both("PATCH", path, {"status": "done"})[0] == 400
    assert both("PATCH", path, {"status": "confirmed", "reason": "may be"})[1]["status"] == "confirmed"
    assert both("PATCH", path, {"status": "completed"})[0] == 200
    assert both("PATCH", path, {"status": "completed"})[0] == 200
    assert both("PATCH", path, {"status": "rejected"})[0] == 400
    assert both.get(f"{market.OMS}/cancellation_plans/?cancellation_plan_status=waiting")["count"] == 0


def test_package_events_are_taken_alike(both):
    uuids = [uuid4() for _ in range(5)]
    created = market.envelope(market.package("P1", sequence=1), "package.created", uuids[0])
    shipped = market.envelope(market.package("P1", sequence=5, state=600), "package.status.shipped", uuids[1])
    packed = market.envelope(market.package("P1", sequence=4, state=500), "package.status.packed", uuids[2])
    unknown = market.envelope(market.package("P2", sequence=3, state=500), "package.status.packed", uuids[3])
    uncounted = market.envelope(
        market.package("P3", sequence=None, state=700), "package.status.delivered", uuids[4]
    )
    assert both("POST", CREATED, created) == (201, {"number": "P1", "status": 1})
    assert both("POST", CREATED, created) == (200, {"number": "P1", "status": 1})
    assert both("POST", STATUS, shipped) == (200, {"number": "P1", "status": 3})
    assert both("POST", STATUS, packed) == (200, {"number": "P1", "status": 3})
    assert both("POST", STATUS, unknown) == (201, {"number": "P2", "status": 2})
    assert both("POST", STATUS, uncounted) == (201, {"number": "P3", "status": 4})
    late = market.envelope(market.package("P3", sequence=None, state=600), "package.status.shipped")
    assert both("POST", STATUS, late) == (200, {"number": "P3", "status": 4})
    ping = market.envelope({**market.package("P9"), "test": True}, "package.created")
    assert both("POST", CREATED, ping) == (200, {"number": "P9", "status": 1, "test": True})


def test_malformed_package_events_are_refused_alike(both):
    whole = market.envelope(market.package("P1"), "package.created")
    for body in ([], {}, {**whole, "event": 1}, {**whole, "event": {"type": "package.created"}}, {**whole, "payload": 1},
                 {**whole, "payload": {**whole["payload"], "number": ""}}, {**whole, "payload": {**whole["payload"], "state": {}}},
                 {**whole, "payload": {**whole["payload"], "supplier_code": "MODA-02"}},
                 {**whole, "payload": {**whole["payload"], "packageitem_set": [{"quantity": "x"}]}},
                 {**whole, "payload": {**whole["payload"], "shipment": 5}},
                 {**whole, "payload": {**whole["payload"], "stock_location": "Depo"}},
                 {**whole, "payload": {**whole["payload"], "created_date": "nope"}}):  # fmt: skip
        assert both("POST", CREATED, body)[0] == 400
    assert both("POST", CREATED, market.envelope(market.package("P1"), "package.status.packed"))[0] == 400
    assert both("POST", STATUS, market.envelope(market.package("P1"), "order.created"))[0] == 400
    assert both("POST", CREATED, b"x" * 64)[0] == 400
    assert both.client.get("/ledger").json()["packages"] == {}


def test_signatures_are_judged_alike(both, fake):
    change_seller(ChangeSeller(seller_id=market.seller().pk, hook_secret=SECRET), now=market.NOW)
    fake.fake.hook_secret = SECRET
    raw = orjson.dumps(market.envelope(market.package("P1"), "package.created", uuid4()))
    nobody = {"real": market.Caller(None), "token": ""}
    assert both("POST", CREATED, raw, signed(raw), **nobody)[0] == 201
    assert both("POST", CREATED, raw, signed(raw))[0] == 200
    assert both("POST", CREATED, raw)[0] == 200
    assert both("POST", CREATED, raw, **nobody)[0] == 401
    for headers in (
        signed(raw, secret="another"),
        signed(raw, at=time.time() - 400),
        {**signed(raw), "X-Whisperer-Signature": "sha256=00"},
        {"X-Whisperer-Signature": signed(raw + b" ")["X-Whisperer-Signature"]},
    ):
        assert both("POST", CREATED, raw, headers)[0] == 401
        assert both("POST", CREATED, raw, headers, **nobody)[0] == 401


def signed(raw, *, secret=SECRET, at=None):
    stamp = str(int(at or time.time()))
    digest = hmac.digest(secret.encode(), f"msg.{stamp}.".encode() + raw, "sha256")
    return {
        "webhook-id": "msg",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        "X-Whisperer-Signature": "sha256=" + hmac.digest(secret.encode(), raw, "sha256").hex(),
    }


def test_what_the_fake_makes_up_has_the_shape_of_the_contract(fake):
    from tests.contract.seller_center.test_golden_messages import shape

    book = OrdersBook(seed=3, orders=3)
    golden = market.golden("seller-center-to-oms/order.json")
    for row in book.orders.values():
        mine, wanted = shape(row), {k: v for k, v in shape(golden).items() if k != "handover"}
        for one in (mine["orderitem_set"][0], wanted["orderitem_set"][0]):
            one["attributes"] = one["product"]["attributes"] = {}
        assert mine == wanted
        assert row["amount"] == f"{sum(float(item['price']) for item in row['orderitem_set']) + 39.90:.2f}"
    assert plain(shape(book.plan(1))) == plain(
        shape({**market.golden("seller-center-to-oms/cancellation_plan.json"), "reason": ""})
    )
    again = OrdersBook(seed=3, orders=3)
    assert again.orders == book.orders
    assert OrdersBook(seed=4, orders=3).orders != book.orders

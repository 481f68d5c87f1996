"""The world of the fake Seller Center while it runs: orders placed later, orders made malformed, and what an OMS that reads on sees."""

from __future__ import annotations

import httpx2
import pytest

from ambar.cli.fake.contract_server import Running
from ambar.cli.fake.hub_book import HubBook
from ambar.cli.fake.omnitron_fake import OmnitronFake
from ambar.cli.fake.orders_book import OrdersBook
from ambar.cli.fake.seller_center_fake import ROOT, SellerCenterFake
from tests.worlds.waiting import LONG_SECONDS

ORDERS, BULK = f"{ROOT}/orders/", f"{ROOT}/order_items/bulk_status_update/"


@pytest.fixture
def fake():
    made = Running(SellerCenterFake(OrdersBook(orders=4), token="t", hook_secret="of both sides"))
    with httpx2.Client(
        base_url=made.url, headers={"Authorization": "Token t"}, timeout=LONG_SECONDS
    ) as client:
        yield client
    made.close()


def listed(fake, **asked):
    answer = fake.get(ORDERS, params={"sort": "modified_date", "limit": 1000, **asked})
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["results"]]


def test_what_is_placed_after_a_change_is_found_by_whoever_read_the_change(fake):
    """As an OMS reads: from the latest modification time it has seen. Each status it reports is such a change."""
    told = fake.patch(BULK, json={"orderitem_set": [{"id": 1, "status": "450"}]})
    assert told.status_code == 200
    mark = fake.get(f"{ORDERS}1/").json()["modified_date"]
    fake.post("/world/orders", json={"count": 3})
    assert listed(fake, modified_date__gte=mark) == [1, 5, 6, 7]
    last = fake.get(f"{ORDERS}7/").json()
    assert last["date_placed"] == last["created_date"] == last["modified_date"]
    assert {item["modified_date"] for item in last["orderitem_set"]} == {last["modified_date"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"orderitem_set": None},
        {"orderitem_set": [5, {}, {"id": "x"}]},
        {"number": None},
        {"number": {"a": 1}},
        {"status": "nonsense"},
        {"status": None},
        {"supplier_code": ["AMBAR-01"]},
        {"modified_date": "yesterday"},
        {"modified_date": 5},
        {"modified_date": None},
    ],
)
def test_an_order_can_be_made_malformed_and_everything_goes_on(fake, changed):
    item = fake.get(f"{ORDERS}2/").json()["orderitem_set"][0]["id"]
    answer = fake.patch("/world/orders/2", json=changed)
    assert answer.status_code == 200, answer.text
    assert fake.get(f"{ORDERS}2/").json() | changed == answer.json()
    assert sorted(listed(fake)) == [1, 2, 3, 4]
    by_number = fake.get(ORDERS, params={"sort": "number", "status": "400", "supplier_code": "AMBAR-01"})
    assert {1, 3, 4} <= {row["id"] for row in by_number.json()["results"]}
    assert {1, 3, 4} <= set(listed(fake, modified_date__gte="2000-01-01"))
    assert fake.get(ORDERS, headers={"X-Ambar-Known": "1-1"}).status_code == 200
    sent = {"orderitem_set": [{"id": item, "status": "450"}]}
    assert fake.patch(BULK, json=sent, headers={"X-Ambar-Versions": "1"}).status_code == 200
    assert fake.get(f"{ROOT}/order_items/").status_code == 200
    assert fake.post("/world/cancellation_plans", json={"order": 2}).status_code == 201
    assert fake.get(f"{ROOT}/cancellation_plans/").status_code == 200
    assert fake.delete("/world/orders/2").status_code == 204
    assert sorted(listed(fake)) == [1, 3, 4]


@pytest.mark.parametrize("items", ["x", [[1]], [{}], [10_000]])
def test_a_plan_of_items_that_are_none_is_refused(fake, items):
    answer = fake.post("/world/cancellation_plans", json={"order": 1, "items": items})
    assert (answer.status_code, list(answer.json())) == (400, ["items"])


def test_a_token_that_expires_is_refused_to_signed_events_too(fake):
    fake.put("/faults", json={"rules": [{"fault": "expire", "path": "packages", "times": 1}]})
    signed = httpx2.post(
        f"{str(fake.base_url).rstrip(chr(47))}{ROOT}/packages/",
        content=b"{}",
        headers={"X-Whisperer-Signature": "sha256=00"},
    )
    assert (signed.status_code, signed.json()["code"]) == (401, "not_authenticated")


def test_every_token_is_forgotten_when_the_fault_meets_the_sign_in():
    hub = Running(OmnitronFake(HubBook(empty=True), username="u", password="p"))
    with httpx2.Client(base_url=hub.url, timeout=LONG_SECONDS) as client:

        def signed_in():
            key = client.post("/api/v1/auth/login/", json={"username": "u", "password": "p"}).json()["key"]
            return {"Authorization": f"Token {key}"}

        def good(headers):
            return client.get("/api/v1/active_user/", headers=headers).status_code == 200

        first = signed_in()
        client.put("/faults", json={"rules": [{"fault": "expire", "path": "login", "times": 1}]})
        second = signed_in()
        assert (good(first), good(second)) == (False, True)
        assert good(signed_in()) and good(second), "signing in again ends no other token"
    hub.close()

"""Hooks the fakes send: to whoever subscribed, as the real systems word and sign them, and wrong as they were told to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from aiohttp import web

from ambar.cli.fake.contract_server import Running
from ambar.cli.fake.hub_book import HubBook
from ambar.cli.fake.omnitron_fake import OmnitronFake
from ambar.cli.fake.orders_book import OrdersBook
from ambar.cli.fake.package_inbox import signature_holds
from ambar.cli.fake.seller_center_fake import ROOT, SellerCenterFake
from ambar.kit.http.loopback import Loopback
from tests.worlds.waiting import LONG_SECONDS, until

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
SECRET = "of both sides"


class Receiver:
    """An integrator's receiver: keeps what comes, and answers as told, then 200."""

    def __init__(self) -> None:
        self.came: list[tuple[web.Request, bytes]] = []
        self.answers: list[int] = []
        app = web.Application()
        app.add_routes([web.post("/{tail:.*}", self._take)])
        self.server = Loopback(app, name="receiver")

    async def _take(self, request: web.Request) -> web.Response:
        self.came.append((request, await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    def told(self, count: int) -> list[tuple[str, int]]:
        """(type, sequence) of the first messages, once so many have come."""
        until(lambda: len(self.came) >= count)
        assert len(self.came) == count
        return [
            (json.loads(body)["event"]["type"], int(request.headers["X-Ambar-Sequence"]))
            for request, body in self.came
        ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.close()


@pytest.fixture
def fake(receiver: Receiver) -> Iterator[httpx2.Client]:
    made = SellerCenterFake(
        OrdersBook(orders=2),
        token="t",
        hook_secret=SECRET,
        push_url=f"{receiver.server.url}/api/v1/oms/",
        push_token="p",
    )
    running = Running(made)
    with httpx2.Client(
        base_url=running.url, headers={"Authorization": "Token t"}, timeout=LONG_SECONDS
    ) as client:
        yield client
    running.close()


def test_a_new_order_is_pushed_signed_and_in_the_words_of_the_contract(fake, receiver):
    number = fake.post("/world/orders", json={"count": 1}).json()["numbers"][0]
    assert receiver.told(1) == [("order.created", 1)]
    request, body = receiver.came[0]
    assert request.path == "/api/v1/oms/orders-webhook/"
    assert request.headers["Authorization"] == "Token p"
    assert signature_holds(request.headers, body, SECRET, now=time.time())
    assert not signature_holds(request.headers, body + b" ", SECRET, now=time.time())
    message, golden = (
        json.loads(body),
        json.loads((CONTRACTS / "seller-center-to-oms/order.created.json").read_text()),
    )
    assert message["payload"]["number"] == number
    assert words(message) == words(golden)
    assert request.headers["X-Ambar-Aggregate"] == f"order:{message['payload']['id']}"


def words(value):
    """The names in a message, whatever the values; attributes are each product's own."""
    if isinstance(value, dict):
        return {name: None if name == "attributes" else words(inner) for name, inner in value.items()}
    return [words(value[0])] if isinstance(value, list) and value else None


def test_changes_reports_and_cancellations_are_told_in_sequence(fake, receiver):
    order = fake.get(f"{ROOT}/orders/").json()["results"][0]
    fake.patch(f"/world/orders/{order['id']}", json={"notes": "changed"})
    item = order["orderitem_set"][0]["id"]
    fake.patch(f"{ROOT}/order_items/bulk_update/", json={"orderitem_set": [{"id": item, "status": "450"}]})
    plan = fake.post("/world/cancellation_plans", json={"order": order["id"]}).json()
    fake.patch(f"{ROOT}/cancellation_plans/{plan['id']}/", json={"status": "confirmed"})
    told = receiver.told(4)
    assert sorted(told) == [
        ("cancellation_plan.created", 1), ("cancellation_plan.updated", 2), ("order.updated", 1), ("order.updated", 2),
    ]  # fmt: skip
    assert {request.path.split("/")[-2] for request, _ in receiver.came} == {
        "orders-webhook",
        "cancellation_plan",
    }


@pytest.mark.parametrize(
    ("rule", "came"),
    [
        ({"fault": "drop", "times": 1}, [2, 3]),
        ({"fault": "duplicate", "times": 1}, [1, 1, 2, 3]),
        ({"fault": "swallow", "times": 1}, [1, 1, 2, 3]),
        ({"fault": "reorder", "times": 1, "seconds": 60}, [2, 1, 3]),
        ({"fault": "reorder", "after": 2, "seconds": 0.05}, [1, 2, 3]),
        ({"fault": "reorder", "times": 2, "seconds": 60}, [2, 1, 3]),
        ({"fault": "delay", "seconds": 0.05}, [1, 2, 3]),
    ],
)
def test_a_hook_goes_wrong_as_told_and_what_is_asked_does_not(fake, receiver, rule, came):
    order = fake.get(f"{ROOT}/orders/").json()["results"][0]["id"]
    fake.put("/faults", json={"rules": [{"method": "HOOK", "path": "orders-webhook", **rule}]})
    for n in range(3):
        assert fake.patch(f"/world/orders/{order}", json={"notes": str(n)}).status_code == 200
    assert [sequence for _, sequence in receiver.told(len(came))] == came
    assert fake.get("/faults").json()["rules"][0]["hits"] >= 1
    repeated = [json.loads(body)["event"]["uuid"] for _, body in receiver.came]
    assert len(set(repeated)) == len(set(came))


def test_what_is_refused_is_sent_again_byte_for_byte_before_the_next(fake, receiver):
    receiver.answers = [500, 302]
    order = fake.get(f"{ROOT}/orders/").json()["results"][0]["id"]
    for n in range(2):
        fake.patch(f"/world/orders/{order}", json={"notes": str(n)})
    assert [sequence for _, sequence in receiver.told(4)] == [1, 1, 1, 2]
    assert len({body for _, body in receiver.came}) == 2
    sent = []

    def both_noted():
        sent[:] = fake.get("/ledger").json()["hooks_sent"]
        return len(sent) == 2

    until(both_noted)  # after the answer, of which the receiver knows before
    assert [(row["sequence"], row["tries"]) for row in sent] == [(1, 3), (2, 1)]


def test_a_fault_no_hook_can_have_is_refused(fake):
    answer = fake.put("/faults", json={"rules": [{"method": "HOOK", "fault": "huge"}]})
    assert (answer.status_code, list(answer.json())) == (400, ["fault"])


def test_the_fake_omnitron_tells_the_hooks_registered_with_it(receiver):
    running = Running(OmnitronFake(HubBook(), username="u", password="p"))
    with httpx2.Client(base_url=running.url, timeout=LONG_SECONDS) as client:
        key = client.post("/api/v1/auth/login/", json={"username": "u", "password": "p"}).json()["key"]
        client.headers["Authorization"] = f"Token {key}"
        hook = {
            "target_url": f"{receiver.server.url}/orders", "event_type": "order.created", "secret_key": SECRET,
            "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}}, "config": {"auth": {"auth_type": "basic", "username": "a", "password": "b"}}, "additional_headers": {"X-Own": "1"},
        }  # fmt: skip
        made = client.post("/api/v1/whisperer/hooks/", json=hook).json()
        assert made["is_active"] is True
        assert client.post("/world/orders", json={"count": 1}).status_code == 201
        assert receiver.told(1) == [("order.created", 1)]
        request, body = receiver.came[0]
        assert signature_holds(request.headers, body, SECRET, now=time.time())
        assert (request.headers["Authorization"], request.headers["X-Own"]) == ("Basic YTpi", "1")
        until(lambda: len(client.get("/ledger").json()["hooks_sent"]) == 1)
        client.patch(f"/api/v1/whisperer/hooks/{made['id']}/", json={"is_active": False})
        client.post("/world/orders", json={"count": 1})
        assert len(client.get("/ledger").json()["hooks_sent"]) == 1
    running.close()

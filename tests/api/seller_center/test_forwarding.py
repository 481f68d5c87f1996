"""Item changes told to the commerce hub: a real HTTP server answers as the hub would."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ambar.cli.demo import world
from ambar.kit import clock, work
from ambar.kit.work import registry
from ambar.seller_center.forwarding import store
from ambar.seller_center.forwarding.jobs import TELL_SECONDS
from ambar.seller_center.orders.models import Forward, Order, OrderItem
from ambar.seller_center.orders.store import forward
from tests.worlds import seller_center_market as market
from tests.worlds.pauses import rounds

pytestmark = pytest.mark.django_db(transaction=True)


class Hub(ThreadingHTTPServer):
    """A commerce hub that knows one password, refuses some items and may be ill."""

    def __init__(self):
        self.calls, self.refused, self.ill, self.token = [], set(), False, "t0"
        self.answered, self.callers = {}, []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        hub = self.server
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
        hub.calls.append((self.command, self.path, body))
        hub.callers.append(self.headers["X-Ambar-Caller"])
        if self.path == "/api/v1/auth/login/":
            return self.say(200, {"key": hub.token}) if body["password"] == "right" else self.say(400, {})
        if hub.ill:
            return self.say(503, {}, {"Retry-After": "900"})
        if self.headers["Authorization"] != f"Token {hub.token}":
            return self.say(401, {"detail": "Invalid token."})
        bad = [row["id"] for row in (body or {}).get("orderitem_set", []) if row["id"] in hub.refused]
        return (
            self.say(400, {"orderitem_set": [f"Unknown order item: {b}." for b in bad]})
            if bad
            else self.say(200, hub.answered)
        )

    do_POST = do_PATCH = answer

    def say(self, status, body, headers=None):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture
def hub(monkeypatch):
    server = Hub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", address)
    body = {"base_url": f"http://{address}", "username": "integration", "password": "right"}
    assert market.owner()("PUT", "/api/v1/settings/omnitron/", body).status_code == 200
    yield server
    server.shutdown()
    server.server_close()


def changed_items(count=4):
    market.take(market.shop_order(21, items=[(n, f"S{n}", "AMBAR-01") for n in range(1, count + 1)]))
    rows = [
        {"id": pk, "status": "500", "tracking_number": "T"}
        for pk in OrderItem.objects.values_list("pk", flat=True)
    ]
    assert (
        market.oms()
        .patch(f"{market.OMS}/order_items/bulk_status_update/", {"orderitem_set": rows})
        .status_code
        == 200
    )


def bulks(hub):
    return [
        [row["id"] for row in body["orderitem_set"]]
        for _, path, body in hub.calls
        if path.endswith("bulk_status_update/")
    ]


def test_changes_go_out_in_one_batch_under_the_hubs_ids(hub):
    changed_items()
    work.run_loop("sc_forwarding")
    assert bulks(hub) == [[1, 2, 3, 4]]
    assert hub.calls[-1][2]["orderitem_set"][0] == {"id": 1, "status": "500", "tracking_number": "T"}
    assert not Forward.objects.exists()


def test_a_login_is_kept_until_the_hub_refuses_its_key(hub):
    def logins():
        return [path for _, path, _ in hub.calls].count("/api/v1/auth/login/")

    changed_items(1)
    work.run_loop("sc_forwarding")
    again(550)
    assert (len(bulks(hub)), logins()) == (2, 1)
    hub.token = "t1"
    again(600)
    assert (len(bulks(hub)), logins()) == (4, 2)
    assert not Forward.objects.exists()


def again(status):
    report(status)
    work.run_loop("sc_forwarding")


def report(status):
    (pk,) = OrderItem.objects.values_list("pk", flat=True)
    rows = [{"id": pk, "status": str(status)}]
    answer = market.oms().patch(f"{market.OMS}/order_items/bulk_status_update/", {"orderitem_set": rows})
    assert answer.status_code == 200


def test_after_the_hub_was_told_what_changes_in_the_next_second_is_told_once(hub):
    """Decision 69: the first change goes out at once; the loop then pauses, and only what stands at its end is told."""
    changed_items(1)
    loop = registry.loops()["sc_forwarding"]
    pauses = rounds(loop, lambda: [report(550), report(600)])
    assert pauses == [TELL_SECONDS, TELL_SECONDS] and TELL_SECONDS >= 1
    told = [
        body["orderitem_set"][0]["status"]
        for _, path, body in hub.calls
        if path.endswith("bulk_status_update/")
    ]
    assert told == ["500", "600"]
    assert rounds(loop) == [loop.idle_seconds]


def test_a_refused_item_is_parked_with_the_reason_and_the_others_pass(hub):
    hub.refused = {3}
    changed_items()
    work.run_loop("sc_forwarding")
    (left,) = Forward.objects.all()
    assert (OrderItem.objects.get(pk=left.record_id).upstream_id, left.due_at) == (3, None)
    assert "Unknown order item: 3." in left.reason
    hub.refused = set()
    assert market.owner().post("/api/v1/forwarding/release/").json() == {"released": 1}
    work.run_loop("sc_forwarding")
    assert not Forward.objects.exists()


def test_an_ill_hub_is_asked_again_later_with_the_latest_values(hub):
    hub.ill = True
    changed_items(1)
    before = clock.now()
    work.run_loop("sc_forwarding")
    row, wait = Forward.objects.get(), timedelta(seconds=900)
    assert (row.attempts, before + wait <= row.due_at <= clock.now() + wait) == (1, True)
    hub.ill = False
    market.oms().patch(
        f"{market.OMS}/order_items/bulk_status_update/",
        {"orderitem_set": [{"id": row.record_id, "status": "550"}]},
    )
    work.run_loop("sc_forwarding")
    assert hub.calls[-1][2]["orderitem_set"] == [{"id": 1, "status": "550", "tracking_number": "T"}]
    assert not Forward.objects.exists()


def test_what_a_killed_sender_had_in_hand_goes_out_at_once(hub):
    """Trap 23: claimed and never settled, because the process was killed; the next one sends it without a wait."""
    changed_items(1)
    assert len(store.claim("item", limit=10, now=clock.now())) == 1
    work.run_loop("sc_forwarding")
    assert bulks(hub) == [[1]]
    assert not Forward.objects.exists()


def test_what_changes_while_the_hub_is_told_is_told_again():
    changed_items(2)
    claims = store.claim("item", limit=500, now=clock.now())
    assert len(claims) == 2
    later, _ = claims
    forward("item", [later.record_id], now=clock.now())
    store.done(claims, now=clock.now())
    assert list(Forward.objects.values_list("record_id", "version")) == [(later.record_id, later.version + 1)]
    assert Forward.objects.get().due_at <= clock.now()


def test_secrets_of_the_connection_are_masked(hub):
    answer = market.owner().get("/api/v1/settings/omnitron/")
    assert b"right" not in answer.content
    assert answer.json()["username"] == "integration"


def test_without_a_connection_changes_wait_with_the_reason():
    changed_items(1)
    work.run_loop("sc_forwarding")
    assert Forward.objects.get().reason == "the connection to the commerce hub is not set"


DELIVERED = "2026-01-15T12:30:00.000000Z"


def delivered_document():
    return OrderItem.objects.get().document.get("delivered_date")


def test_the_hub_s_stamp_of_a_delivery_is_taken_from_its_answer_and_makes_no_version(hub):
    """Decision 96: the hub doesn't tell us again what we told it; its answer says when it was told."""
    changed_items(1)
    hub.answered = {"orderitem_set": [{"id": 1, "delivered_date": DELIVERED}]}
    work.run_loop("sc_forwarding")
    assert delivered_document() is None
    report(550)
    version = Order.objects.get().modified_at
    work.run_loop("sc_forwarding")
    assert (delivered_document(), Order.objects.get().modified_at) == (DELIVERED, version)
    assert hub.callers[-1] == world.SELLER_CENTER_CALLER
    assert not Forward.objects.exists()


def test_a_stamp_is_not_taken_back_by_a_version_from_before_the_delivery(hub):
    changed_items(1)
    report(550)
    hub.answered = {"orderitem_set": [{"id": 1, "delivered_date": DELIVERED}]}
    work.run_loop("sc_forwarding")
    version = Order.objects.get().modified_at
    late = market.shop_order(21, items=[(1, "S1", "AMBAR-01")], minutes=1)
    market.take(late, type_="order.updated")
    assert (delivered_document(), Order.objects.get().modified_at) == (DELIVERED, version)
    market.take({**late, "notes": "ring twice", "modified_date": DELIVERED}, type_="order.updated")
    assert delivered_document() == DELIVERED
    assert Order.objects.get().document["notes"] == "ring twice"

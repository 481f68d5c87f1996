"""Orders pushed over HTTP, hooks received, quarantine worked off."""

import hashlib
import hmac
import json

import pytest

from ambar.kit import work
from ambar.oms.orders.models import CancellationPlan, Order
from ambar.oms.places.models import Township
from ambar.oms.upstream import configured
from ambar.oms.upstream.models import Quarantined
from tests.worlds import oms_upstream as world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("places")]
ORDERS = "/api/v1/oms/intake/orders/"
QUARANTINE = "/api/v1/oms/intake/quarantine/"
HOOK = "/api/v1/oms/orders-webhook/"
SECRET = "a-shared-secret"
FILTER = {"name": "approved only", "condition": {"field": "status", "op": "in", "value": ["400"]}}


@pytest.fixture
def seller():
    value = {"supplier_code": "AMBAR-01", "order_filters": [FILTER], "hook_secret": SECRET}
    world.configure("SELLER_CENTER_SETTINGS", value)
    return world.caller("integration")


def test_one_order_and_its_verdict(seller):
    answer = seller.post(ORDERS, world.GOLDEN)
    assert answer.status_code == 200
    assert answer.json() == {
        "counts": {"created": 1},
        "verdicts": [
            {
                "position": 0,
                "outcome": "created",
                "id": Order.objects.get().pk,
                "omnitron_id": 7001,
                "number": "2594887831811953",
                "rule": None,
                "cause": None,
                "reason": None,
            }
        ],
    }
    assert seller.post(ORDERS, world.GOLDEN).json()["counts"] == {"unchanged": 1}


def test_a_hook_of_omnitrons_own_orders_is_set_aside_and_not_taken(seller):
    event = json.loads((world.CONTRACTS / "omnitron-to-seller-center/order.created.json").read_text())
    body = json.dumps(event).encode()
    assert seller.post(HOOK, body, **signed(body)).status_code == 202
    work.run_loop("inbox_orders")
    row = Quarantined.objects.get()
    assert (row.cause, row.number) == ("another_order:supplier_code", event["payload"]["number"])
    assert Order.objects.count() == 0
    answer = seller.post(ORDERS, world.order(3, supplier_code=None)).json()
    assert answer["verdicts"][0]["cause"] == "another_order:supplier_code"


def test_an_order_gets_another_number_by_its_id_only(seller):
    seller.post(ORDERS, [world.order(3, at=world.T0), world.order(3, number="NEW-3")])
    row = Quarantined.objects.get()
    refused = seller.post(f"{QUARANTINE}redrive/", {"cause": row.cause, "rename": True})
    assert (refused.status_code, "rename" in refused.text) == (400, True)
    taken = seller.post(f"{QUARANTINE}redrive/", {"ids": [row.pk], "rename": True}).json()
    assert (taken["counts"], Order.objects.get().number) == ({"updated": 1}, "NEW-3")


def test_orders_of_omnitron_itself_name_no_supplier(seller):
    settings = world.client_settings("http://127.0.0.1:9", endpoint_conf=[])
    world.configure("OMNITRON_CLIENT_SETTINGS", settings)
    assert configured.of_pushes(configured.order_source()).supplier_named is False


def test_a_repeat_with_the_same_key_gets_the_first_answer_again(seller):
    first = seller.post(ORDERS, world.GOLDEN, **{"Idempotency-Key": "k1"})
    again = seller.post(ORDERS, world.GOLDEN, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.json()["counts"] == {"created": 1} and again.headers["Idempotent-Replayed"] == "true"
    other = seller.post(ORDERS, world.order(5), **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


@pytest.mark.parametrize("wrapped", [True, False])
def test_many_orders_each_with_its_verdict(seller, wrapped):
    records = [world.order(1), world.order(2, status="200"), world.order(3, amount="x"), world.order(4)]
    answer = seller.post(ORDERS, {"orders": records} if wrapped else records).json()
    assert answer["counts"] == {"created": 2, "filtered": 1, "quarantined": 1}
    assert [verdict["outcome"] for verdict in answer["verdicts"]] == [
        "created",
        "filtered",
        "quarantined",
        "created",
    ]
    assert answer["verdicts"][1]["rule"] == "approved only"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"7", 400),
        (b'{"orders": 7}', 400),
        (b'{"orders": []}', 400),
        (b'{"a": NaN}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b"[" * 100 + b"]" * 100, 400),
        (json.dumps([{}] * 501).encode(), 400),
    ],
)
def test_bodies_that_are_no_orders_are_refused(seller, body, status):
    answer = seller.post(ORDERS, body)
    assert answer.status_code == status
    assert answer.json()
    assert (Order.objects.count(), Quarantined.objects.count()) == (0, 0)


def test_who_may_not_push_is_refused():
    assert world.Caller(None).post(ORDERS, world.GOLDEN).status_code == 401
    assert world.caller("location_operator", name="op").post(ORDERS, world.GOLDEN).status_code == 403
    assert Order.objects.count() == 0


def envelope(name):
    return json.loads((world.CONTRACTS / "seller-center-to-oms" / name).read_text())


def signed(body):
    return {"X-Whisperer-Signature": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def test_a_pushed_event_is_stored_once_and_applied(seller):
    body = json.dumps(envelope("order.created.json")).encode()
    assert seller.post(HOOK, body, **signed(body)).status_code == 202
    for _ in range(3):
        assert seller.post(HOOK, body, **signed(body)).status_code == 200
    assert Order.objects.count() == 0
    assert work.run_loop("inbox_orders") == 1
    assert Order.objects.get().upstream_id == 7001


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"{}", 400),
        (json.dumps({"event": {"type": "order.shipped", "uuid": "0" * 32}, "payload": {}}).encode(), 400),
        (json.dumps({"event": {"type": "order.created", "uuid": "nope"}, "payload": {}}).encode(), 400),
    ],
)
def test_events_that_are_none_are_refused(seller, body, status):
    assert seller.post(HOOK, body).status_code == status


def test_a_wrong_signature_is_401(seller):
    body = json.dumps(envelope("order.created.json")).encode()
    assert seller.post(HOOK, body, **signed(body + b" ")).status_code == 401


def test_a_malformed_order_in_an_event_is_quarantined_not_lost(seller):
    event = envelope("order.created.json")
    event["payload"]["amount"] = None
    assert seller.post(HOOK, event).status_code == 202
    work.run_loop("inbox_orders")
    assert Quarantined.objects.get().cause == "malformed:amount"


def test_cancellation_plans_are_received(seller):
    seller.post(ORDERS, world.GOLDEN)
    plan = envelope("cancellation_plan.json")
    event = {
        "event": {"type": "cancellation_plan.created", "uuid": "6f1c1c1d2b7a7c3e9a50c86d0f1f2a77"},
        "payload": plan,
    }
    assert seller.post("/api/v1/oms/cancellation_plan/", event).status_code == 202
    assert work.run_loop("inbox_plans") == 1
    assert CancellationPlan.objects.get().upstream_id == 5


def test_one_alias_taught_over_http_releases_its_orders(seller):
    records = [world.moved(world.order(pk), "township", "Kadikoy Center", 9340) for pk in (1, 2)]
    assert seller.post(ORDERS, records).json()["counts"] == {"quarantined": 2}
    [cause] = seller.get(f"{QUARANTINE}causes/").json()["causes"]
    assert (cause["kind"], cause["count"], cause["detail"]["name"]) == ("unknown_place", 2, "Kadikoy Center")
    target = Township.objects.get(upstream_id=340)
    taught = {"level": "township", "parent": cause["detail"]["parent"], "name": cause["detail"]["name"]}
    answer = seller.post("/api/v1/oms/intake/aliases/", {**taught, "target": target.pk})
    assert (answer.status_code, answer.json()["counts"]) == (201, {"created": 2})
    assert seller.get(f"{QUARANTINE}?open=true").json()["results"] == []
    wrong = seller.post(
        "/api/v1/oms/intake/aliases/", {**taught, "parent": 1, "level": "city", "target": 999999}
    )
    assert (wrong.status_code, list(wrong.json())) == (400, ["target"])


def test_taught_names_are_listed_and_taken_back(seller):
    target = Township.objects.get(upstream_id=340)
    taught = {"level": "township", "parent": target.city_id, "name": "Kadıköy Çarşı"}
    aliases = "/api/v1/oms/intake/aliases/"
    made = seller.post(aliases, {**taught, "target": target.pk}).json()["id"]
    (listed,) = seller.get(aliases).json()["results"]
    assert {name: listed[name] for name in ("id", "level", "parent", "name", "target", "target_name")} == {
        "id": made, **taught, "target": target.pk, "target_name": target.name
    }  # fmt: skip
    for query, count in (
        ("level=township", 1), ("level=city", 0), (f"parent={target.city_id}&name=KADIKOY CARSI", 1), (f"target={target.pk + 1}", 0),
    ):  # fmt: skip
        assert seller.get(f"{aliases}?{query}").json()["count"] == count, query
    assert seller.get(f"{aliases}?level=street").status_code == 400
    assert seller.get(f"{aliases}?town=1").status_code == 400
    seller.post(ORDERS, world.moved(world.order(1), "township", "KADIKÖY ÇARŞI", 9340))
    assert seller("DELETE", f"{aliases}{made}/").status_code == 204
    assert seller.get(aliases).json()["count"] == 0
    assert seller("DELETE", f"{aliases}{made}/").status_code == 404
    after = seller.post(ORDERS, world.moved(world.order(2), "township", "Kadıköy Çarşı", 9340)).json()
    assert after["counts"] == {"quarantined": 1}
    assert [order.upstream_id for order in Order.objects.all()] == [1], "what was taken by it stays"


@pytest.mark.parametrize("name", [" ", ".", "-/ '"])
def test_a_name_without_letters_teaches_nothing(seller, name):
    target = Township.objects.get(upstream_id=340)
    body = {"level": "township", "parent": target.city_id, "name": name, "target": target.pk}
    answer = seller.post("/api/v1/oms/intake/aliases/", body)
    assert (answer.status_code, answer.json()) == (400, {"name": ["A name has letters or digits."]})
    assert seller.get("/api/v1/oms/intake/aliases/").json()["count"] == 0


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("quarantine/?open=maybe", "open"),
        ("quarantine/causes/?cause=x", "cause"),
        ("filtered/rules/?rule=x", "rule"),
        ("status/?stream=x", "stream"),
    ],
)
def test_what_nobody_reads_of_a_query_is_refused(seller, path, field):
    answer = seller.get(f"/api/v1/oms/intake/{path}")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_quarantine_is_looked_at_previewed_redriven_and_discarded(seller):
    seller.post(ORDERS, [world.order(1, amount="x"), world.order(2, status="?")])
    listed = seller.get(f"{QUARANTINE}?open=true").json()
    assert listed["count"] == 2
    first = listed["results"][0]["id"]
    assert seller.get(f"{QUARANTINE}{first}/").json()["payload"]["amount"] == "x"
    previewed = seller.post(f"{QUARANTINE}redrive/", {"cause": "malformed:amount", "preview": True})
    assert previewed.json()["counts"] == {"quarantined": 1}
    assert seller.post(f"{QUARANTINE}redrive/", {"ids": [first]}).json()["counts"] == {"quarantined": 1}
    assert seller.post(f"{QUARANTINE}{first}/discard/", {"reason": "test order"}).status_code == 204
    assert seller.post(f"{QUARANTINE}{first}/discard/", {"reason": "again"}).status_code == 404
    assert seller.get(f"{QUARANTINE}?open=true").json()["count"] == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("redrive/", {}, 400),
        ("redrive/", {"ids": [1], "cause": "x"}, 400),
        ("redrive/", {"ids": ["a"]}, 400),
        ("redrive/", {"ids": [10**30]}, 400),
        ("redrive/", {"ids": [999]}, 404),
        ("redrive/", {"cause": "nul \x00"}, 400),
        ("999/discard/", {"reason": "x"}, 404),
        ("999/discard/", {}, 400),
    ],
)
def test_bad_input_of_quarantine_is_refused(seller, path, body, status):
    assert seller.post(f"{QUARANTINE}{path}", body).status_code == status


def test_lists_answer_and_refuse_unknown_filters(seller):
    seller.post(ORDERS, world.order(1, status="200"))
    filtered = seller.get("/api/v1/oms/intake/filtered/").json()
    assert [(row["omnitron_id"], row["rule"]) for row in filtered["results"]] == [(1, "approved only")]
    assert seller.get("/api/v1/oms/intake/filtered/rules/").json() == {
        "rules": [{"rule": "approved only", "count": 1}]
    }
    assert seller.get("/api/v1/oms/intake/status/").json()["filtered"] == 1
    assert seller.get("/api/v1/oms/intake/status-sync/").json()["results"] == []
    for path in (QUARANTINE, "/api/v1/oms/intake/filtered/", "/api/v1/oms/intake/status-sync/"):
        assert seller.get(f"{path}?colour=red").status_code == 400
    assert seller.get(f"{QUARANTINE}999/").status_code == 404
    assert seller.post("/api/v1/oms/intake/status-sync/999/retry/").status_code == 404


def test_places_are_listed_with_turkish_names(seller):
    found = seller.get("/api/v1/oms/townships/?name=IGDIR CESMESI").json()["results"]
    assert [row["name"] for row in found] == ["Iğdır Çeşmesi"]
    assert (found[0]["latitude"], found[0]["coordinates_estimated"]) == ("41.016750", True)
    assert seller.get("/api/v1/oms/countries/?code=TR").json()["count"] == 1
    assert seller.get("/api/v1/oms/cities/?name__icontains=ist").json()["count"] == 1
    assert seller.get("/api/v1/oms/districts/").json()["count"] == 1

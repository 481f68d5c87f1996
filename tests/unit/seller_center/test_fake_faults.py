"""The fault injector of the fakes: what each fault does over real HTTP, and that the same seed picks the same requests."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from ambar.cli.fake import commands, contract_server, goods
from ambar.cli.fake.contract_server import Running
from ambar.cli.fake.faults import FAULTS, Injector, Rule, option, rule
from ambar.cli.fake.orders_book import OrdersBook
from ambar.cli.fake.seller_center_fake import ROOT, SellerCenterFake
from ambar.cli.main import app
from ambar.kit.refusals import Invalid
from tests.worlds.waiting import LONG_SECONDS, until

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
ORDERS, BULK = f"{ROOT}/orders/", f"{ROOT}/order_items/bulk_status_update/"


@pytest.fixture(scope="module")
def running():
    made = Running(SellerCenterFake(OrdersBook(orders=12), token="t"))
    yield made
    made.close()


@pytest.fixture
def fake(running):
    """A client of the fake; no rules and an empty ledger."""
    with httpx2.Client(
        base_url=running.url, headers={"Authorization": "Token t"}, timeout=LONG_SECONDS
    ) as client:
        client.delete("/faults")
        client.delete("/ledger")
        yield client


@pytest.fixture
def unserved(monkeypatch):
    """Where a fake would be served that starts meanwhile; none is."""
    served = []
    monkeypatch.setattr(contract_server, "serve", lambda fake, **where: served.append(where))
    return served


def fail(client, **given):
    answer = client.put("/faults", json={"rules": [given]})
    assert answer.status_code == 200, answer.text


def numbers(answer):
    return [row["id"] for row in answer.json()["results"]]


def test_a_dropped_request_does_nothing_and_a_swallowed_one_does_all(fake):
    for fault, told in (("drop", []), ("swallow", ["450"])):
        fail(fake, fault=fault, method="PATCH", times=1)
        with pytest.raises(httpx2.HTTPError):
            fake.patch(BULK, json={"orderitem_set": [{"id": 1, "status": "450"}]})
        ledger = fake.get("/ledger").json()
        assert ledger["statuses"].get("1", []) == told
    assert ledger["faults"] == {"drop": 1, "swallow": 1}
    assert [call["status"] for call in ledger["calls"]] == [None, None]
    assert fake.get(ORDERS).status_code == 200


def test_a_list_is_doubled_shuffled_or_lies_about_its_count(fake):
    plain = fake.get(ORDERS, params={"limit": 5})
    fail(fake, fault="duplicate", path="/orders/", times=1)
    assert numbers(fake.get(ORDERS, params={"limit": 2})) == [1, 1, 2, 2]
    fail(fake, fault="reorder")
    shuffled = numbers(fake.get(ORDERS, params={"limit": 5}))
    assert shuffled != numbers(plain) and sorted(shuffled) == numbers(plain)
    fail(fake, fault="count", rows=7)
    assert fake.get(ORDERS, params={"limit": 5}).json()["count"] == plain.json()["count"] + 7


def test_a_held_write_is_done_after_the_next_one(fake, running):
    running.fake.book.told_statuses.clear()
    fail(fake, fault="reorder", method="PATCH", times=1, seconds=60)
    first = threading.Thread(
        target=lambda: fake.patch(BULK, json={"orderitem_set": [{"id": 7, "status": "500"}]})
    )
    first.start()
    until(lambda: fake.get("/ledger").json()["faults"].get("reorder"))
    assert fake.patch(BULK, json={"orderitem_set": [{"id": 7, "status": "450"}]}).status_code == 200
    first.join()
    assert fake.get("/ledger").json()["statuses"]["7"] == ["450", "500"]


def test_of_two_writes_that_both_are_to_be_overtaken_the_second_goes_first(fake, running):
    running.fake.book.told_statuses.clear()
    fail(fake, fault="reorder", method="PATCH", seconds=60)
    first = threading.Thread(
        target=lambda: fake.patch(BULK, json={"orderitem_set": [{"id": 8, "status": "500"}]})
    )
    first.start()
    until(lambda: fake.get("/ledger").json()["faults"].get("reorder"))
    assert fake.patch(BULK, json={"orderitem_set": [{"id": 8, "status": "450"}]}).status_code == 200
    first.join(LONG_SECONDS)
    assert fake.get("/ledger").json()["statuses"]["8"] == ["450", "500"]


@pytest.mark.parametrize("headers", [{"Authorization": ""}, {"Authorization": "Token wrong"}])
def test_what_drips_is_the_answer_it_would_have_been(fake, headers):
    plain = fake.get(ORDERS, headers=headers)
    fail(fake, fault="drip", seconds=0.0)
    dripped = fake.get(ORDERS, headers=headers)
    assert plain.status_code == dripped.status_code == 401
    assert plain.content == dripped.content
    for name in ("WWW-Authenticate", "Content-Type", "Content-Length"):
        assert plain.headers[name] == dripped.headers[name]


@pytest.mark.parametrize(
    ("status", "said", "seconds"), [(429, "7", 7), (503, "", None), (429, "date:60", 60), (500, "", None)]
)
def test_a_status_comes_with_retry_after_in_seconds_or_as_a_date(fake, status, said, seconds):
    fail(fake, fault="status", status=status, retry_after=said, times=1)
    asked = datetime.now(UTC)
    answer = fake.get(ORDERS)
    answered = datetime.now(UTC)
    after = answer.headers.get("Retry-After")
    assert answer.status_code == status
    if said.startswith("date"):
        told = parsedate_to_datetime(after) - timedelta(seconds=seconds)
        assert asked - timedelta(seconds=1) <= told <= answered, "the date has whole seconds"
    else:
        assert after == (None if seconds is None else str(seconds))
    assert fake.get(ORDERS).status_code == 200


def test_half_a_bulk_update_is_done_and_only_that_half_is_answered(fake):
    fail(fake, fault="half", times=1)
    rows = [{"id": key, "status": "510"} for key in range(10, 16)]
    done = fake.patch(BULK, json={"orderitem_set": rows}).json()["orderitem_set"]
    told = fake.get("/ledger").json()["statuses"]
    assert len(done) == 3
    assert {row["id"] for row in done} == {
        key for key in range(10, 16) if told.get(str(key), [])[-1:] == ["510"]
    }


def test_an_answer_drips_or_never_ends_or_is_no_json_or_leads_elsewhere(fake):
    fail(fake, fault="drip", seconds=0.05)
    with pytest.raises(httpx2.HTTPError), fake.stream("GET", f"{ORDERS}count/", timeout=0.02) as answer:
        answer.read()
    fail(fake, fault="huge", bytes=3_000_000)
    assert len(fake.get(ORDERS).content) == 3_000_002
    fail(fake, fault="garbage")
    assert fake.get(ORDERS).text.startswith("<html>")
    fail(fake, fault="redirect", path="/orders/")
    answer = fake.get(ORDERS)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/elsewhere/")
    assert "GET /elsewhere/" not in fake.get("/ledger").json()["counts"]
    fail(fake, fault="expire", times=1)
    assert [fake.get(ORDERS).status_code for _ in "12"] == [401, 200]


def test_orders_vanish_change_and_are_added_while_it_runs(fake):
    before = fake.get(f"{ORDERS}count/").json()["count"]
    fail(fake, fault="vanish", rows=2, times=1)
    assert fake.get(f"{ORDERS}count/").json()["count"] == before - 2
    gone = fake.get("/ledger").json()["vanished"]
    assert fake.get(f"{ORDERS}{gone[0]}/").status_code == 404
    made = fake.post("/world/orders", json={"count": 2}).json()
    assert made["count"] == 2 and fake.get(f"{ORDERS}count/").json()["count"] == before
    last = fake.get(ORDERS, params={"sort": "-id", "limit": 1}).json()["results"][0]
    changed = fake.patch(f"/world/orders/{last['id']}", json={"notes": "zili çalmayın"}).json()
    assert changed["notes"] == "zili çalmayın" and changed["modified_date"] > last["modified_date"]
    plan = fake.post("/world/cancellation_plans", json={"order": last["id"]}).json()
    assert [row["order_item"] for row in plan["cancellationplanorderitem_set"]] == [
        row["id"] for row in last["orderitem_set"]
    ]
    assert fake.delete(f"/world/orders/{last['id']}").status_code == 204
    assert fake.get(f"{ORDERS}{last['id']}/").status_code == 404


def test_the_same_seed_picks_the_same_requests():
    def picked(seed):
        injector = Injector(
            [Rule(fault="drop", share=0.3), Rule(fault="delay", share=0.5, after=5, times=4)], seed=seed
        )
        return [hit.rule.fault if (hit := injector.choose("GET", "/x")) else "" for _ in range(60)]

    assert picked(4) == picked(4) != picked(5)
    assert 8 <= picked(4).count("drop") <= 28
    assert picked(4).count("delay") == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "fault"),
        ({"fault": "melt"}, "fault"),
        ({"fault": "drop", "share": 2}, "share"),
        ({"fault": "drop", "share": "1"}, "share"),
        ({"fault": "drop", "times": True}, "times"),
        ({"fault": "drop", "colour": "red"}, "colour"),
        ({"fault": "status", "status": 99}, "status"),
        ({"fault": "delay", "seconds": -1}, "non_field_errors"),
        ({"fault": "drop", "times": -1}, "non_field_errors"),
        ({"fault": "status", "retry_after": "date:x"}, "retry_after"),
        ({"fault": "status", "retry_after": "soon"}, "retry_after"),
        ({"fault": "status", "retry_after": "²"}, "retry_after"),
        ({"fault": "status", "status": 100}, "status"),
        ({"fault": "drop", "times": -1}, "non_field_errors"),
        ({"fault": "drop", "method": "FETCH"}, "method"),
        ({"fault": "half", "method": "hook"}, "fault"),
        ({"fault": ["drop"]}, "fault"),
    ],
)  # fmt: skip
def test_a_rule_that_can_t_be_read_is_refused_by_name(fake, body, field):
    answer = fake.put("/faults", json={"rules": [body]})
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drop", Rule(fault="drop")),
        (
            "429:date:2=0.1@orders",
            Rule(fault="status", status=429, retry_after="date:2", share=0.1, path="orders"),
        ),
        ("503=0.5", Rule(fault="status", status=503, share=0.5)),
        ("delay:0.25", Rule(fault="delay", seconds=0.25)),
        ("huge:1000@/orders/", Rule(fault="huge", bytes=1000, path="/orders/")),
        ("vanish:3=0.2", Rule(fault="vanish", rows=3, share=0.2)),
        ("status:429", Rule(fault="status", status=429)),
        ("status:429:2=0.5", Rule(fault="status", status=429, retry_after="2", share=0.5)),
        ("reorder:2@HOOK", Rule(fault="reorder", seconds=2, method="HOOK")),
    ],
)
def test_a_fault_is_told_in_short_on_the_command_line(text, expected):
    assert option(text) == expected


def test_what_the_command_line_can_t_read_is_said():
    for text in (
        "melt",
        "drop=x",
        "huge:x",
        "drop=2",
        "429:x",
        "429:date:x",
        "delay:inf",
        "drip:nan",
        "status:x",
    ):
        with pytest.raises(Invalid):
            option(text)
    refused = CliRunner().invoke(app, ["fake", "seller-center", "--fault", "melt"])
    assert (refused.exit_code, refused.stdout) == (2, "")


@pytest.mark.parametrize("fault", ["drop", "swallow", "duplicate", "half", "garbage", "expire"])
def test_a_share_written_as_a_value_is_not_taken_for_every_request(fault):
    with pytest.raises(Invalid, match=f"{fault} takes no value; .* is written {fault}=0.3"):
        option(f"{fault}:0.3")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("5", "rules: A list of rules is required."),
        ("null", "rules: A list of rules is required."),
        ('{"rule": []}', "rules: A list of rules is required."),
        ('{"rules": [{"fault": "drop"}, {"fault": "melt"}]}', "rules.1.fault: Must be one of drop, "),
        ('[{"fault": "delay", "seconds": Infinity}]', "seconds: Must be a number of seconds."),
        ("[" * 100_000, "maximum recursion"),
    ],
)
def test_a_file_of_faults_that_can_t_be_read_is_said_in_a_sentence(tmp_path, unserved, written, told):
    (tmp_path / "rules.json").write_text(written)
    refused = CliRunner().invoke(app, ["fake", "omnitron", "--faults", str(tmp_path / "rules.json")])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"The faults can't be read: {told}")


def test_of_several_rules_the_one_that_can_t_be_read_is_named(fake):
    answer = fake.put("/faults", json={"rules": [{"fault": "drop"}, {"fault": "delay", "seconds": "1"}]})
    assert (answer.status_code, list(answer.json())) == (400, ["rules.1.seconds"])
    assert fake.get("/faults").json() == {"rules": []}


@pytest.mark.parametrize("method", ["hook", "Hook"])
def test_a_method_is_the_same_in_any_case(fake, method):
    fail(fake, fault="drop", method=method)
    [told] = fake.get("/faults").json()["rules"]
    assert told["method"] == "HOOK"
    fail(fake, fault="garbage", method="patch")
    assert fake.get(ORDERS).headers["Content-Type"] == "application/json"
    assert fake.patch(BULK).text.startswith("<html>")


@pytest.mark.parametrize(
    "address", ["nonsense", "/api/v1/oms", "ftp://127.0.0.1/x", "http://:1/x", "http://[x/"]
)
def test_an_address_nothing_can_be_pushed_to_is_said_at_the_start(unserved, address):
    refused = CliRunner().invoke(app, ["fake", "seller-center", "--push-url", address])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"--push-url is no address of an OMS: {address}.")


@pytest.mark.parametrize("system", ["seller-center", "omnitron"])
def test_a_free_port_is_said_where_it_listens(unserved, system):
    told = json.loads(CliRunner().invoke(app, ["fake", system, "--port", "0", "--json"]).stdout)
    [where] = unserved
    assert where["port"] > 0
    assert told["url"] == f"http://127.0.0.1:{where['port']}"


def test_every_fault_is_explained_and_may_be_asked_for(fake):
    for fault in FAULTS:
        assert rule({"fault": fault}).fault == fault
    page = (CONTRACTS.parent / "docs/howto/test-against-fakes.md").read_text()
    assert [fault for fault in FAULTS if f"| `{fault}` |" not in page] == []


def test_a_port_that_is_taken_is_said_in_a_sentence_and_nothing_else():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        told = CliRunner().invoke(app, ["fake", "seller-center", "--port", port])
    assert told.exit_code == 2
    assert told.output.startswith(f"Port {port} at 127.0.0.1 can't be listened on")
    assert "oken" not in told.output


def test_the_start_says_how_to_point_an_oms_at_it(monkeypatch):
    served = []
    monkeypatch.setattr(commands, "_taken", lambda address, port: None)
    monkeypatch.setattr(contract_server, "serve", lambda fake, **where: served.append((fake, where)))
    told = CliRunner().invoke(
        app, ["fake", "seller-center", "--orders", "2", "--token", "abc", "--port", "8123", "--json"]
    )
    body = json.loads(told.stdout)
    assert body["base_url"] == "http://127.0.0.1:8123/api/v1/applications/oms"
    assert {entry["endpoint"] for entry in body["settings"]["endpoint_conf"]} >= {
        "orders",
        "order_item_bulk_update",
    }
    assert {entry["auth"]["token"] for entry in body["settings"]["endpoint_conf"]} == {"abc"}
    words = CliRunner().invoke(app, ["fake", "omnitron", "--password", "secret-of-mine"]).stdout
    assert (
        "--omnitron-url http://127.0.0.1:8011 --omnitron-username integration --omnitron-password secret-of-mine"
        in words
    )
    assert [where["port"] for _, where in served] == [8123, 8011]
    assert len(served[0][0].book.orders) == 2


def test_the_golden_messages_of_the_package_are_those_of_the_contracts():
    for name in ("order", "cancellation_plan"):
        assert goods.message(name) == json.loads(
            (CONTRACTS / f"seller-center-to-oms/{name}.json").read_text()
        )
    assert commands.seller_center.__doc__ and commands.omnitron.__doc__

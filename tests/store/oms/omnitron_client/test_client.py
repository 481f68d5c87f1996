"""The client of everything upstream: routing, sign-in, retries, what is refused."""

import threading

import pytest

from ambar.cli.fake.contract_server import Running
from ambar.cli.fake.faults import Rule
from ambar.cli.fake.goods import Places
from ambar.cli.fake.hub_book import HubBook
from ambar.cli.fake.omnitron_fake import OmnitronFake
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.domain import routing
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed
from tests.worlds import oms_upstream as world
from tests.worlds.waiting import LONG_SECONDS

CHANNELS = "/api/v1/channels/"
LOGIN = "/api/v1/auth/login/"


@pytest.fixture
def slept():
    return []


@pytest.fixture
def client(upstream, slept):
    made = Client(schemas.to_settings(world.client_settings(upstream.base)), sleep=slept.append)
    yield made
    made.close()


def test_a_redirected_name_goes_to_its_own_address_and_path():
    value = world.client_settings("http://omnitron.example")
    value["endpoint_conf"][1].update(
        base_url="https://market.example/x", path="my/orders/", auth={"token": "Bearer z"}
    )
    settings = schemas.to_settings(value)
    assert routing.resolve(settings, "orders", pk=7) == routing.Route(
        method="GET",
        url="https://market.example/x/my/orders/7/",
        token="Bearer z",
        login_url="http://omnitron.example/api/v1/auth/login/",
    )
    plain = routing.resolve(settings, "retail_stores_detailed")
    assert (plain.url, plain.token) == ("http://omnitron.example/api/v1/retail_stores/detailed/", None)
    assert (routing.source(settings, "orders"), routing.source(settings, "products")) == (
        "seller_center",
        "omnitron",
    )


def test_one_sign_in_serves_many_calls_and_one_more_follows_a_401(upstream, client):
    tokens = iter(["first", "second"])
    upstream.routes["POST", LOGIN] = lambda query, body: (200, {"key": next(tokens)})
    upstream.routes["GET", CHANNELS] = lambda query, body: (200, {"count": 0, "next": None, "results": []})
    client.call("channels")
    client.call("channels")
    assert [path for _, path, *_ in upstream.requests] == [LOGIN, CHANNELS, CHANNELS]
    assert upstream.requests[0][3] == {"username": "username", "password": "password"}

    def expired(query, body):
        return (401, {"detail": "no"}) if upstream.requests[-1][4] == "Token first" else (200, [])

    upstream.routes["GET", CHANNELS] = expired
    assert client.call("channels") == []
    assert [token for *_, token in upstream.requests[-3:]] == ["Token first", "", "Token second"]


def test_a_second_401_is_final(upstream, client, slept):
    upstream.routes["POST", LOGIN] = lambda query, body: (200, {"key": "always"})
    upstream.routes["GET", CHANNELS] = lambda query, body: (401, {"detail": "no"})
    with pytest.raises(UpstreamFailed) as failed:
        client.call("channels")
    assert failed.value.status == 401
    assert slept == []


@pytest.mark.parametrize("answer", [(503, {"detail": "down"}), (200, b"<html>"), (499, {"detail": "gone"})])
def test_what_may_pass_is_tried_four_times(upstream, client, slept, answer):
    upstream.routes["GET", "/api/v1/applications/oms/cities/"] = lambda query, body: answer
    with pytest.raises(UpstreamFailed):
        client.call("cities")
    assert len(upstream.requests) == 4
    assert len(slept) == 3


def test_a_refusal_is_not_repeated(upstream, client, slept):
    upstream.routes["GET", "/api/v1/applications/oms/cities/"] = lambda query, body: (400, {"city": ["no"]})
    with pytest.raises(UpstreamFailed) as failed:
        client.call("cities")
    assert (failed.value.status, failed.value.body, failed.value.final) == (400, {"city": ["no"]}, True)
    assert (len(upstream.requests), slept) == (1, [])


def test_an_address_the_guard_refuses_is_a_failure_in_words(client, monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    with pytest.raises(UpstreamFailed) as failed:
        client.call("cities")
    assert failed.value.status is None
    assert "AddressRefused" in str(failed.value)


def test_pages_end_where_next_does(upstream, client):
    upstream.routes["GET", "/api/v1/applications/oms/cities/"] = world.listing(
        [{"pk": pk, "name": f"City {pk}"} for pk in range(1, 8)]
    )
    assert [[row["pk"] for row in page] for page in client.pages("cities", limit=3)] == [
        [1, 2, 3],
        [4, 5, 6],
        [7],
    ]
    assert client.count("cities") == 7


@pytest.fixture(scope="module")
def hub():
    running = Running(
        OmnitronFake(HubBook(places=Places(), empty=True), username="username", password="password")
    )
    yield running
    running.close()


@pytest.fixture
def of_hub(hub, monkeypatch, slept):
    """A client of the fake Omnitron; `at[0]` is its clock."""
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", hub.address)
    hub.fake.tokens.clear()
    hub.fake.logins = 0
    hub.fake.forget()
    hub.fake.injector.put([])
    at = [1000.0]
    settings = schemas.to_settings(world.client_settings(hub.url))
    made = Client(settings, sleep=slept.append, monotonic=lambda: at[0])
    made.at = at
    yield made
    made.close()


def test_a_token_that_expires_under_many_threads_is_renewed_once(hub, of_hub):
    of_hub.call("channels")
    assert hub.fake.logins == 1
    hub.fake.tokens.clear()
    barrier, failures = threading.Barrier(12), []

    def ask():
        try:
            barrier.wait(timeout=LONG_SECONDS)
            for _ in range(4):
                of_hub.call("channels")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LONG_SECONDS)
    assert failures == []
    assert hub.fake.logins == 2


def test_a_sign_in_that_is_refused_is_not_asked_for_again_for_a_while(hub, of_hub, slept):
    hub.fake.password = "changed"
    try:
        for _ in range(5):
            with pytest.raises(UpstreamFailed) as failed:
                of_hub.call("channels")
        assert (failed.value.name, failed.value.status, slept) == ("login", 400, [])
        assert hub.fake.calls.told()["counts"] == {"POST /api/v1/auth/login/": 1}
        hub.fake.password = "password"
        of_hub.at[0] += 31
        assert of_hub.call("channels")["count"] == 0
    finally:
        hub.fake.password = "password"


@pytest.mark.parametrize(("said", "until"), [("90", 90), ("", 30)])
def test_a_sign_in_that_is_limited_waits_as_asked(hub, of_hub, slept, said, until):
    hub.fake.injector.put([Rule(fault="status", status=429, retry_after=said, path="login", times=1)])
    for _ in range(3):
        with pytest.raises(UpstreamFailed) as failed:
            of_hub.call("channels")
        assert failed.value.status == 429
        of_hub.at[0] += until / 4
    assert sum(hub.fake.calls.told()["counts"].values()) == 1
    of_hub.at[0] += until
    assert of_hub.call("channels")["count"] == 0


def test_a_sign_in_that_gets_no_answer_is_tried_again(hub, of_hub, slept):
    hub.fake.injector.put(
        [Rule(fault="drop", path="login", times=1), Rule(fault="status", path="login", times=1)]
    )
    assert of_hub.call("channels")["count"] == 0
    assert (hub.fake.logins, len(slept)) == (1, 2)


def test_a_list_that_never_ends_is_not_read_for_ever(upstream, client):
    page = {"count": 2, "next": "more", "previous": None, "results": [{"pk": 1}, {"pk": 2}]}
    upstream.routes["GET", "/api/v1/applications/oms/cities/"] = lambda query, body: (200, page)
    with pytest.raises(UpstreamFailed, match="the same page again"):
        list(client.pages("cities", limit=2))
    assert len(upstream.requests) == 2


def test_a_list_whose_next_page_is_an_earlier_one_is_not_read_for_ever(upstream, client):
    def page(query, body):
        number = int(query["page"][0])
        return 200, {"count": 4, "next": "again", "results": [{"pk": number % 2}, {"pk": 2 + number % 2}]}

    upstream.routes["GET", "/api/v1/applications/oms/cities/"] = page
    with pytest.raises(UpstreamFailed, match="answers an earlier page again"):
        for place, _ in enumerate(client.pages("cities")):
            assert place < 10, "read for ever"
    assert len(upstream.requests) == 3


def test_what_is_nested_without_end_is_no_json(upstream, client, slept):
    upstream.routes["GET", "/api/v1/applications/oms/cities/"] = lambda query, body: (
        200,
        b"[" * 100_000 + b"]" * 100_000,
    )
    with pytest.raises(UpstreamFailed, match="a 2xx answer that is not JSON"):
        client.call("cities")
    assert len(slept) == 3


@pytest.mark.parametrize("key", [None, "", 7, True, "two\nlines"])
def test_a_sign_in_that_hands_out_no_token_is_said_to_have_failed(upstream, client, slept, key):
    upstream.routes["POST", "/api/v1/auth/login/"] = lambda query, body: (200, {"key": key})
    with pytest.raises(UpstreamFailed, match="login: 200: no token is in the answer"):
        client.call("retail_stores")
    assert [path for _, path, *_ in upstream.requests] == ["/api/v1/auth/login/"] * 4

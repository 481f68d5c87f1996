"""A stock service over real HTTP: three ways to sign in, one or many SKUs per question, and everything that goes wrong."""

import base64
from decimal import Decimal
from threading import Event

import pytest

from ambar.oms.stock.domain.engine_config import EngineConfig
from ambar.oms.stock.gateways import stock_service
from ambar.oms.stock.gateways.stock_service import StockService
from tests.worlds.stock_service import Service
from tests.worlds.waiting import LONG_SECONDS, until


@pytest.fixture
def world(monkeypatch):
    one = Service()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", one.address)
    one.stock = {"A": {"W1": 5, "W2": 0}, "B": {"W2": "2.5"}, "C": {}}
    yield one
    one.close()


def service(world, *, auth="anonymous", kind="multiple", timeout=LONG_SECONDS, url=None):
    return StockService(
        EngineConfig(
            auth=auth,
            url=url or (world.url if kind == "multiple" else world.url + "/one"),
            service=kind,
            auth_url=f"http://{world.address}/login" if auth == "token" else "",
            username="" if auth == "anonymous" else "ayşe",
            password="" if auth == "anonymous" else "secret 1",
        ),
        timeout_seconds=timeout,
    )


FIGURES = {"A": {"W1": Decimal(5), "W2": Decimal(0)}, "B": {"W2": Decimal("2.5")}, "C": {}}


def test_one_question_for_all_skus(world):
    assert service(world).ask(["A", "B", "C"]) == (FIGURES, {})
    assert world.asked == [["A", "B", "C"]]


def test_one_question_per_sku(world):
    assert service(world, kind="single").ask(["A", "B", "C"]) == (FIGURES, {})
    assert world.asked == [["A"], ["B"], ["C"]]


def test_many_skus_are_split_into_questions_of_sensible_length(world):
    skus = [f"SKU-{n:04}" for n in range(250)]
    world.stock = {sku: {} for sku in skus}
    figures, failures = service(world).ask(skus)
    assert (len(figures), failures) == (250, {})
    assert [len(part) for part in world.asked] == [100, 100, 50]


def test_a_query_in_the_configured_address_is_kept(world):
    service(world, url=world.url + "?tenant=7").ask(["A"])
    assert world.asked == [["A"]]


def test_basic_auth(world):
    service(world, auth="basic_auth").ask(["A"])
    expected = "Basic " + base64.b64encode("ayşe:secret 1".encode()).decode()
    assert world.headers[0]["Authorization"] == expected


def test_a_token_is_fetched_once_and_again_when_it_is_refused(world):
    one = service(world, auth="token")
    assert one.ask(["A"])[1] == one.ask(["A"])[1] == {}
    assert world.sign_ins == [{"username": "ayşe", "password": "secret 1"}]
    world.tokens = {"another"}
    assert one.ask(["A"])[1] == {}
    assert len(world.sign_ins) == 2


def test_a_token_that_is_always_refused_is_a_failure_after_one_new_sign_in(world):
    one = service(world, auth="token")
    world.behave = lambda _: (401, b"{}", {})
    assert one.ask(["A"]) == ({}, {"A": "status 401"})
    assert len(world.sign_ins) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, b"[]", {}), "status 500"),
        ((302, b"", {"Location": "http://127.0.0.1/elsewhere"}), "status 302"),
        ((204, b"", {}), "status 204"),
        ((200, b"", {}), "the answer is not JSON"),
        ((200, b'{"C": []}', {}), "the answer names none of the SKUs asked for"),
    ],
)
def test_an_answer_that_is_none_says_why(world, answer, reason):
    world.behave = lambda _: answer
    assert service(world).ask(["A", "B"]) == ({}, {"A": reason, "B": reason})


def test_a_bad_answer_for_one_sku_does_not_spoil_the_others(world):
    world.stock = {"A": {"W1": None}, "B": {"W2": 1}}
    assert service(world, kind="single").ask(["A", "B"]) == (
        {"B": {"W2": Decimal(1)}},
        {"A": "A at W1: stock is not a number"},
    )


def test_a_huge_answer_is_cut_off(world, monkeypatch):
    monkeypatch.setattr(stock_service, "LARGEST_ANSWER", 10_000)
    world.behave = lambda _: (200, b" " * 100_000, {})
    _, failures = service(world).ask(["A"])
    assert "too large" in failures["A"]


def test_a_silent_service_costs_one_time_out_not_one_per_sku(world):
    silent = Event()
    world.behave = lambda _: (silent.wait(LONG_SECONDS), (200, b"{}", {}))[1]
    _, failures = service(world, kind="single", timeout=0.3).ask(["A", "B", "C"])
    assert failures == dict.fromkeys("ABC", "no answer within 0.3 s")
    until(lambda: bool(world.asked))
    assert world.asked == [["A"]]
    silent.set()


def test_an_address_that_is_not_allowed_is_not_connected_to(world, monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    _, failures = service(world).ask(["A"])
    assert failures == {"A": "This address may not be connected to: 127.0.0.1 is a loopback address."}
    assert world.asked == []

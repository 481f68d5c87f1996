"""Asking once: what can't be reached is not waited for again, one late answer condemns nobody."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import pytest

from ambar.oms.doctor.gateways.probe import NOT_JSON, Probe
from tests.worlds import oms_upstream as world
from tests.worlds.waiting import LONG_SECONDS


@pytest.fixture
def upstream(monkeypatch):
    with world.serving() as fake:
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", urlsplit(fake.base).netloc)
        yield fake


def test_an_answer_is_told_with_its_status_and_what_it_holds(upstream):
    upstream.routes["GET", "/a/"] = lambda query, body: (200, {"a": 1})
    upstream.routes["GET", "/b/"] = lambda query, body: (200, b"<html>")
    upstream.routes["GET", "/c/"] = lambda query, body: (503, {"detail": "down"})
    probe = Probe()
    first, second, third = (probe.ask("GET", f"{upstream.base}/{name}/", "key") for name in "abc")
    assert (first.status, first.payload, first.good) == (200, {"a": 1}, True)
    assert (second.status, second.payload is NOT_JSON, second.good) == (200, True, False)
    assert (third.status, third.good, len(upstream.requests)) == (503, False, 3)
    assert [token for *_, token in upstream.requests] == ["Token key"] * 3


def test_an_address_that_may_not_be_called_is_named_so(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    answer = Probe().ask("GET", "http://10.255.255.1/x/")
    assert (answer.status, answer.problem) == (0, "address")


def test_late_twice_is_not_waited_for_a_third_time(upstream):
    released = threading.Event()
    upstream.routes["GET", "/late/"] = lambda query, body: (released.wait(LONG_SECONDS), (200, {}))[1]
    upstream.routes["GET", "/quick/"] = lambda query, body: (200, {})
    probe = Probe(read_ms=150, connect_ms=150)
    try:
        assert probe.ask("GET", f"{upstream.base}/late/").problem == "timeout"
        assert probe.ask("GET", f"{upstream.base}/late/").problem == "timeout"
        assert probe.ask("GET", f"{upstream.base}/quick/").problem == "timeout"
        assert upstream.asked("/quick/") == []
    finally:
        released.set()

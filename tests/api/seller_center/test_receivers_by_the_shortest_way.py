"""A receiver answers the same by the shortest way as by the whole way, and what is not plain goes the whole way."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

import pytest
from django.urls import ResolverMatch

from ambar.kit import health, rest
from ambar.kit.outbox.models import Inbox
from ambar.kit.rest import receiving, shedding
from tests.worlds.seller_center_calls import CASES, ORDERS, STATUS, Told, call, event, outcome, whole_way

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("given_back")]


def test_both_ways_give_the_same_answer_and_keep_the_same(whole: Any, callers: dict[str, str]) -> None:
    kept = set()
    for path, case in itertools.product((STATUS, ORDERS), CASES):
        (said, rows), (said_shortly, rows_shortly) = (
            outcome(application, path, case, callers[path])
            for application in (whole, receiving.Reception(whole_way))
        )
        assert (case, said) == (case, said_shortly)
        assert (case, rows) == (case, rows_shortly)
        kept |= {(path, case)} if rows else set()
    every = {(path, case) for path in (STATUS, ORDERS) for case in ("plain", "signed")}
    # Orders know no rehearsal, and the hub of this world has no secret.
    assert kept == every | {(STATUS, "signature only"), (ORDERS, "rehearsal"), (ORDERS, "wrong signature")}


def test_a_repeat_is_known_by_the_shortest_way_and_counted_under_its_route(callers: dict[str, str]) -> None:
    short = receiving.Reception(whole_way)
    body = event(ORDERS)
    first, again = (call(short, ORDERS, body, HTTP_AUTHORIZATION=callers[ORDERS]) for _ in range(2))
    assert (first[0], again[0]) == ("201 Created", "200 OK")
    assert (json.loads(first[2])["is_new"], json.loads(again[2])["is_new"]) == (True, False)
    assert Inbox.objects.get().payload == body.decode()
    counted = health.REQUESTS.labels("POST", "api/v1/omnitron/orders/", "200")._value.get()
    call(short, ORDERS, body, HTTP_AUTHORIZATION=callers[ORDERS])
    assert health.REQUESTS.labels("POST", "api/v1/omnitron/orders/", "200")._value.get() == counted + 1


NOT_PLAIN: tuple[dict[str, str], ...] = (
    {"REQUEST_METHOD": "GET"},
    {"CONTENT_LENGTH": ""},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_LENGTH": "²"},
    {"CONTENT_LENGTH": str(11 * 1024 * 1024)},
    {"HTTP_TRANSFER_ENCODING": "chunked"},
    {"HTTP_HOST": "no host"},
    {"SCRIPT_NAME": "/below"},
    {"PATH_INFO": ORDERS.rstrip("/")},
    {"PATH_INFO": "/api/v1/orders/"},
)


def test_what_is_not_plain_goes_the_whole_way(
    callers: dict[str, str], settings: Any, monkeypatch: Any
) -> None:
    def goes_the_whole_way(**given: str) -> bool:
        try:
            call(receiving.Reception(whole_way), ORDERS, event(ORDERS), **given)
        except Told:
            return True
        return False

    token = {"HTTP_AUTHORIZATION": callers[ORDERS]}
    assert not goes_the_whole_way(**token)
    assert [given for given in NOT_PLAIN if not goes_the_whole_way(**token, **given)] == []
    assert goes_the_whole_way(HTTP_COOKIE="ambar_seller_center_session=x"), "a browser"
    settings.ALLOWED_HOSTS = ["ours.example"]
    assert goes_the_whole_way(**token), "a host that is not ours"
    assert not goes_the_whole_way(**token, HTTP_HOST="ours.example:80")
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(shedding, "_closed_until", 1.0)
    assert goes_the_whole_way(**token), "the database is known to be gone"


def test_the_connection_is_given_back_however_a_call_ends(
    callers: dict[str, str], given_back: list[str]
) -> None:
    for body in (event(ORDERS), b"{"):
        given_back.clear()
        call(receiving.Reception(whole_way), ORDERS, body, HTTP_AUTHORIZATION=callers[ORDERS])
        assert given_back == ["default"]


@pytest.mark.parametrize(("mark", "known"), [(rest.public, True), (rest.needs("oms:read"), False)])
def test_an_endpoint_whose_caller_the_framework_looks_at_is_never_called_past_it(
    rf: Any, monkeypatch: Any, mark: Any, known: bool
) -> None:
    monkeypatch.setattr(receiving, "_known", {})
    request = rf.post("/api/v1/somewhere/")
    request.resolver_match = ResolverMatch(whole_way, (), {}, route="somewhere/")
    endpoint = mark(rest.receiver(lambda _: rest.Raw(200)))
    assert endpoint(request).status_code == 200
    assert ("/api/v1/somewhere/" in receiving._known) == known


def test_an_aborted_body_is_a_bad_request(callers: dict[str, str]) -> None:
    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise OSError("gone")

    environ: Any = {"wsgi.input": Broken()}
    answer = call(
        receiving.Reception(whole_way), ORDERS, b"{}", HTTP_AUTHORIZATION=callers[ORDERS], **environ
    )
    assert (answer[0], Inbox.objects.count()) == ("400 Bad Request", 0)

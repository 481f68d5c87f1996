"""A receiver answers the same by the shortest way as by the whole way, and what is not plain goes the whole way."""

from __future__ import annotations

import base64
import hmac
import io
import itertools
import json
import re
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.core.wsgi import get_wsgi_application
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import ResolverMatch

from ambar.kit import clock, health, rest
from ambar.kit.outbox.models import Inbox
from ambar.kit.rest import receiving, shedding
from ambar.seller_center.sellers.actions.change_seller import ChangeSeller, change_seller
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db

STATUS = f"{market.OMS}/packages/update-status/"
ORDERS = "/api/v1/omnitron/orders/"
SECRET = "s3cret-of-the-test"


class Told(Exception):  # noqa: N818
    """The whole way was taken."""


def whole_way(_environ: dict[str, Any], _start: Any) -> Any:
    raise Told


def call(application: Any, path: str, body: bytes, **environ: str) -> tuple[str, dict[str, str], bytes]:
    said: list[Any] = []
    given = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "x", "SERVER_PORT": "1",
        "HTTP_HOST": "sc.example:8002", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr, **environ,
    }  # fmt: skip
    content = b"".join(application(given, lambda status, headers, *_: said.extend((status, dict(headers)))))
    return said[0], said[1], content


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(clock.now().timestamp()))
    mac = hmac.digest(secret.encode(), f"m1.{stamp}.".encode() + body, "sha256")
    return {
        "HTTP_WEBHOOK_ID": "m1",
        "HTTP_WEBHOOK_TIMESTAMP": stamp,
        "HTTP_WEBHOOK_SIGNATURE": "v1," + base64.b64encode(mac).decode(),
    }


@pytest.fixture(autouse=True)
def given_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The connection of the test stays open; what would have been given back is noted."""
    noted: list[str] = []
    monkeypatch.setattr(
        BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda one: noted.append(one.alias)
    )
    return noted


@pytest.fixture
def whole() -> Any:
    return get_wsgi_application()


@pytest.fixture
def callers(whole: Any) -> dict[str, str]:
    """The tokens of both callers; both paths have been called once, so that the shortest way is known."""
    change_seller(ChangeSeller(seller_id=market.seller().pk, hook_secret=SECRET), now=market.NOW)
    tokens = {STATUS: market.oms().headers["Authorization"], ORDERS: market.hub().headers["Authorization"]}
    for path, token in tokens.items():
        assert call(whole, path, b"{}", HTTP_AUTHORIZATION=token)[0].startswith("400")
    return tokens


def event(path: str) -> bytes:
    if path == STATUS:
        return json.dumps(market.envelope(market.package(), "package.status.packed", uuid4())).encode()
    return json.dumps(market.envelope(market.shop_order(21), "order.created", uuid4())).encode()


def spoiled(body: bytes, case: str, token: str) -> tuple[bytes, dict[str, str]]:
    given = {"HTTP_AUTHORIZATION": token}
    match case:
        case "signed":
            given |= signed(body)
        case "signature only":
            given = signed(body)
        case "wrong signature":
            given |= signed(body, "another")
        case "wrong token":
            given = {"HTTP_AUTHORIZATION": "Token nobody"}
        case "bad scheme":
            given = {"HTTP_AUTHORIZATION": "Basic abc"}
        case "no json":
            body = b'{"event": '
        case "not an event":
            body = b"[]"
        case "another type":
            body = body.replace(b"package.status.packed", b"order.created").replace(b"order.created", b"x.y")
        case "sequence":
            given["HTTP_X_AMBAR_SEQUENCE"] = "one"
        case "payload":
            body = body.replace(b'"number"', b'"no_number"')
        case "rehearsal":
            body = body.replace(b'"payload": {', b'"payload": {"test": true, ')
    return body, given


CASES = (
    "plain", "signed", "signature only", "wrong signature", "wrong token", "bad scheme", "no json", "not an event", "another type",
    "sequence", "payload", "rehearsal",
)  # fmt: skip


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


def outcome(application: Any, path: str, case: str, token: str) -> tuple[Any, list[Any]]:
    """What is answered, without the number of the event, and what is kept."""
    body, given = spoiled(event(path), case, token)
    status, headers, content = call(application, path, body, **given)
    rows = list(Inbox.objects.values_list("source", "type", "aggregate", "sequence", "state"))
    Inbox.objects.all().delete()
    return (status, headers, re.sub(rb"[0-9a-f]{32}", b"U", content)), rows


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

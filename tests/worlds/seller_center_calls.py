"""Calls of the Seller Center's receivers, as a WSGI server makes them, and ways to spoil them."""

from __future__ import annotations

import base64
import hmac
import io
import json
import re
import sys
from typing import Any
from uuid import uuid4

from ambar.kit import clock
from ambar.kit.outbox.models import Inbox
from tests.worlds import seller_center_market as market

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


def outcome(application: Any, path: str, case: str, token: str) -> tuple[Any, list[Any]]:
    """What is answered, without the number of the event, and what is kept."""
    body, given = spoiled(event(path), case, token)
    status, headers, content = call(application, path, body, **given)
    rows = list(Inbox.objects.values_list("source", "type", "aggregate", "sequence", "state"))
    Inbox.objects.all().delete()
    return (status, headers, re.sub(rb"[0-9a-f]{32}", b"U", content)), rows

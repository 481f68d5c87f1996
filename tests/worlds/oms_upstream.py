"""Upstream as tests see it: golden orders with other values, places to resolve them, and a small fake server."""

from __future__ import annotations

import contextlib
import copy
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import DatabaseError, InterfaceError, connection
from django.test import Client as DjangoClient

from ambar.kit import accounts
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.app_settings.actions import set_value
from ambar.oms.places import store as places
from ambar.oms.upstream import known, own_versions

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
T0 = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
GOLDEN = json.loads((CONTRACTS / "seller-center-to-oms/order.json").read_text())
SOURCE = "seller_center"


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def order(
    pk: int, *, at: datetime | None = None, number: str | None = None, **changed: Any
) -> dict[str, Any]:
    """A golden order under other ids; `at` is its modification time (default: T0 + pk seconds)."""
    made = copy.deepcopy(GOLDEN)
    moment = iso(at or T0 + timedelta(seconds=pk))
    made.update(id=pk, pk=pk, number=number or f"SC-{pk}", modified_date=moment)
    for place, item in enumerate(made["orderitem_set"]):
        item.update(id=pk * 10 + place, pk=pk * 10 + place, order=pk, order_number=made["number"])
        item["modified_date"] = moment
    made.update(changed)
    return made


def moved(record: dict[str, Any], level: str, name: str, pk: int) -> dict[str, Any]:
    """The order with one place of its shipping address under another name and id."""
    changed = copy.deepcopy(record)
    changed["shipping_address"][level].update(id=pk, pk=pk, name=name)
    return changed


def teach_places(source: str = SOURCE) -> None:
    """The places of the golden order, and a second township."""
    places.copy_places("country", source, [{"pk": 1, "name": "Türkiye", "code": "tr"}])
    places.copy_places("city", source, [{"pk": 34, "name": "İstanbul", "country": 1}])
    townships = [
        {"pk": 340, "name": "Kadıköy", "city": 34, "latitude": "40.990700", "longitude": "29.027900"},
        {"pk": 341, "name": "Beşiktaş", "city": 34, "latitude": "41.042800", "longitude": "29.007500"},
        {"pk": 342, "name": "Iğdır Çeşmesi", "city": 34},
    ]
    places.copy_places("township", source, townships)
    places.estimate_coordinates()
    places.copy_places("district", source, [{"pk": 34001, "name": "Caferağa Mah", "township": 340}])


def client_settings(base: str, **changed: Any) -> dict[str, Any]:
    """OMNITRON_CLIENT_SETTINGS with both systems at `base`."""
    value = json.loads((CONTRACTS / "settings/OMNITRON_CLIENT_SETTINGS.json").read_text())["json_value"]
    value["urls"]["base_url"] = f"{base}/api/v1"
    for entry in value["endpoint_conf"]:
        entry["base_url"] = f"{base}/api/v1/applications/oms"
    value.update(changed)
    return value


def configure(key: str, value: dict[str, Any]) -> None:
    """Write a setting and drop what this process remembers."""
    set_value.put(key, value, now=NOW)
    forget()


def forget() -> None:
    settings_queries.forget()
    known.forget()
    own_versions.take(SOURCE)


class Caller:
    """A program with a token."""

    def __init__(self, token: str | None) -> None:
        self.headers = {"Authorization": f"Token {token}"} if token else {}
        self.client = DjangoClient(raise_request_exception=False)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes | str) else ("" if body is None else json.dumps(body))
        return self.client.generic(
            method, path, data, content_type="application/json", headers={**self.headers, **headers}
        )

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any) -> Any:
        return self("PUT", path, body)


def caller(*roles: str, name: str = "program") -> Caller:
    """A caller with these roles; a location operator has no location."""
    bounds = {"location_ids": []} if "location_operator" in roles else {}
    user = accounts.ensure_user(name, "a-long-password", list(roles), bounds)
    return Caller(accounts.issue_token(user, name="test"))


Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class FakeUpstream:
    """A server in a thread; `routes[(method, path)](query, body) -> (status, json[, headers])`."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Callable[[dict[str, list[str]], Any], Answer]] = {}
        self.requests: list[tuple[str, str, dict[str, list[str]], Any, str]] = []
        self.headers: list[dict[str, str]] = []
        """Of each of `requests`."""
        self.base = ""
        self.date = ""
        """What the header `Date` says; without it the time."""

    def asked(self, path: str) -> list[tuple[dict[str, list[str]], Any]]:
        return [(query, body) for _, found, query, body, _ in self.requests if found == path]


def _handler(upstream: FakeUpstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            body = json.loads(raw) if raw else None
            query = parse_qs(parts.query)
            upstream.headers.append(dict(self.headers.items()))
            upstream.requests.append(
                (self.command, parts.path, query, body, self.headers.get("Authorization", ""))
            )
            route = upstream.routes.get((self.command, parts.path))
            answer = route(query, body) if route else (404, {"detail": "Not found."})
            status, payload, *headers = answer
            content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return upstream.date or super().date_time_string(timestamp)

        do_GET = do_POST = do_PATCH = do_PUT = _serve

        def log_message(self, *parts: Any) -> None:
            pass

    return Handler


@contextmanager
def serving() -> Iterator[FakeUpstream]:
    """The fake server, running."""
    upstream = FakeUpstream()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(upstream))
    upstream.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()


def listing(records: list[dict[str, Any]]) -> Callable[[dict[str, list[str]], Any], Answer]:
    """A list route that filters by `modified_date__gte`, sorts by modification time and pages."""

    def route(query: dict[str, list[str]], body: Any) -> Answer:
        since = query.get("modified_date__gte", [""])[0]
        rows = sorted(
            (row for row in records if row.get("modified_date", "") >= since),
            key=lambda row: (row.get("modified_date", ""), row["pk"]),
        )
        limit, page = int(query.get("limit", ["10"])[0]), int(query.get("page", ["1"])[0])
        cut = rows[(page - 1) * limit : page * limit]
        more = page * limit < len(rows)
        return 200, {"count": len(rows), "next": "more" if more else None, "previous": None, "results": cut}

    return route


def until_cut_off(act: Callable[[], Any]) -> None:
    """Runs `act` in a thread whose connection will be cut off, as a killed process's is."""
    with contextlib.suppress(DatabaseError, InterfaceError):
        act()
    connection.close()


def cut_off_holders_of_turns() -> None:
    """Ends every other session of this database that holds a turn, and returns when it is gone."""
    holders = """SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                 WHERE l.locktype = 'advisory' AND d.datname = current_database() AND l.pid <> pg_backend_pid()"""
    end = time.monotonic() + 20
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(pg_terminate_backend(pid)) FROM ({holders}) h")
        assert cursor.fetchone()[0] > 0
        while True:
            cursor.execute(holders)
            if not cursor.fetchall():
                return
            assert time.monotonic() < end
            time.sleep(0.02)

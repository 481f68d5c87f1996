"""What may be connected to."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
import structlog

from ambar.kit import http
from ambar.kit.http import AddressRefused, guard
from ambar.kit.http.sessions import GuardedConnector
from ambar.kit.outbox.deliveries.targets import Directory, HookRow
from tests.worlds.waiting import LONG_SECONDS

LONG_MS = int(LONG_SECONDS * 1000)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
        "http://017700000001/", "http://[::1]/", "http://[::]/", "http://0.0.0.0/", "http://0/", "http://localhost/",
        "http://localhost./", "http://10.0.0.1/", "http://172.16.9.9/", "http://192.168.1.1/", "http://169.254.169.254/",
        "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:a00:1]/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/", "http://100.64.0.1/",
        "http://100.100.100.200/", "http://168.63.129.16/", "http://224.0.0.1/", "http://[ff02::1]/",
        "http://255.255.255.255/", "http://240.0.0.1/", "http://192.0.2.1/", "http://198.18.0.1/",
        "http://[fec0::1]/", "http://user@93.184.216.34/", "http://user:pw@93.184.216.34/", "ftp://93.184.216.34/",
        "file:///etc/passwd", "gopher://93.184.216.34/", "//93.184.216.34/", "http:///x", "http://", "", "x",
        "http://93.184.216.34:0/", "http://93.184.216.34:99999/", "http://93.184.216.34\\@127.0.0.1/",
        "http://93.184.216.34/\n", " http://93.184.216.34/", "http://no-such-name.invalid/", "http://[::1/",
        "http://93.184.216.34/" + "a" * 3000, "http://[::ffff:169.254.169.254]/", "http://[::ffff:a9fe:a9fe]/",
        "http://0xa9fea9fe/", "http://2852039166/", "http://0251.0376.0251.0376/", "http://169.254.43518/",
        "http://[0:0:0:0:0:0:0:1]/", "http://[fd12:3456::1]/", "http://[2001:0:7f00:1::80ff:fffe]/", "http://10.1/",
        "http://127.0.0.1.:80/", "http://LOCALHOST/", "dict://93.184.216.34/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_not_public_http_is_refused(url, monkeypatch):
    """W15: sixty and more ways to write what must not be reached, each refused when it is saved and when it is sent."""
    monkeypatch.delenv("AMBAR_ALLOWED_TARGETS", raising=False)
    with pytest.raises(AddressRefused):
        guard.check(url)

    with pytest.raises(AddressRefused):
        connect_as_a_delivery(url)


def connect_as_a_delivery(url: str) -> None:
    """What stands between a stored hook and a connection: its URL is read anew, its host judged by the connector."""
    row = HookRow(
        hook_id=1, target_url=url, event_type="parcel.moved", secret=None, previous_secret=None,
        countdown={"choice": "fixed", "kwargs": {"seconds": 1}}, headers={}, config={},
        modified_at=datetime(2026, 1, 15, tzinfo=UTC),
    )  # fmt: skip
    directory = Directory(concurrency=1, rate=0.0)
    if directory.load([row]):
        assert directory.targets == {}
        raise AddressRefused("the hook can't be used")
    target = directory.targets[1].url

    async def resolve() -> None:
        await GuardedConnector()._resolve_host(target.host or "", target.port or 80)

    asyncio.run(resolve())


def test_public_addresses_pass():
    assert guard.check("https://93.184.216.34/x").addresses == ("93.184.216.34",)
    assert guard.check("https://93.184.216.34/x").port == 443
    assert guard.check("http://[2606:2800:220:1::1]:8080/").addresses == ("2606:2800:220:1::1",)


def test_an_allowed_target_passes_on_its_port_only(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "127.0.0.1:8002, localhost:8003,[::1]:*")
    assert guard.check("http://127.0.0.1:8002/").addresses == ("127.0.0.1",)
    assert "127.0.0.1" in guard.check("http://localhost:8003/").addresses
    assert guard.check("http://[::1]:1/").addresses == ("::1",)
    for url in ("http://127.0.0.1:8003/", "http://localhost:8004/", "http://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            guard.check(url)


def test_a_name_with_one_bad_address_is_refused(monkeypatch):
    rows = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: rows)
    with pytest.raises(AddressRefused, match="loopback"):
        guard.check("http://both.example/")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                return
            return
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        packed = gzip.compress(b" " * 50_000) if self.path == "/packed" else b""
        self.send_response(200)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed or b"ok")))
        self.end_headers()
        self.wfile.write(packed or b"ok")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def server() -> Iterator[int]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield running.server_address[1]
    finally:
        running.shutdown()
        running.server_close()


def test_the_client_connects_only_where_the_guard_lets_it(monkeypatch):
    with server() as port, http.client(read_ms=LONG_MS, connect_ms=LONG_MS) as client:
        monkeypatch.delenv("AMBAR_ALLOWED_TARGETS", raising=False)
        with pytest.raises(AddressRefused):
            client.get(f"http://127.0.0.1:{port}/")
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"127.0.0.1:{port}")
        assert client.get(f"http://127.0.0.1:{port}/").text == "ok"
        assert client.get(f"http://127.0.0.1:{port}/away").status_code == 302


def test_a_name_that_changes_after_the_check_is_judged_again_at_connect(monkeypatch):
    """DNS rebinding: public when checked, loopback when connected."""
    answers = iter(["93.184.216.34", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [(2, 1, 6, "", (next(answers), 80))])
    guard.check("http://rebind.example/")
    with http.client(read_ms=500, connect_ms=500) as client, pytest.raises(AddressRefused):
        client.get("http://rebind.example/")


def test_the_time_out_is_total_not_per_read(monkeypatch):
    with server() as port, http.client(read_ms=LONG_MS, connect_ms=LONG_MS) as client:
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"127.0.0.1:{port}")
        client.total_seconds, unhurried = 0.5, client.total_seconds
        with pytest.raises(httpx2.TimeoutException):
            client.get(f"http://127.0.0.1:{port}/drip")
        client.total_seconds = unhurried
        assert client.get(f"http://127.0.0.1:{port}/").text == "ok"


def test_an_answer_over_the_limit_is_an_error(monkeypatch):
    with server() as port, http.client(read_ms=LONG_MS, connect_ms=LONG_MS) as client:
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"127.0.0.1:{port}")
        client.largest_answer = 50
        with pytest.raises(httpx2.ReadError):
            client.get(f"http://127.0.0.1:{port}/")


def test_a_small_body_that_unpacks_to_a_huge_one_is_an_error_too(monkeypatch):
    """A gzip bomb: what counts is what would have to be held here."""
    with server() as port, http.client(read_ms=LONG_MS, connect_ms=LONG_MS) as client:
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"127.0.0.1:{port}")
        client.largest_answer = 50_000
        assert client.get(f"http://127.0.0.1:{port}/packed").content == b" " * 50_000
        client.largest_answer = 49_999
        with pytest.raises(httpx2.ReadError, match="too large"):
            client.get(f"http://127.0.0.1:{port}/packed")
        client.largest_answer = 50_000
        assert client.get(f"http://127.0.0.1:{port}/").text == "ok"


def test_the_delivery_session_judges_names_and_literal_addresses(monkeypatch):
    async def fetch(url: str) -> str:
        async with http.session() as session, session.get(url, allow_redirects=False) as answer:
            return await answer.text()

    with server() as port:
        monkeypatch.delenv("AMBAR_ALLOWED_TARGETS", raising=False)
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(AddressRefused):
                asyncio.run(fetch(f"http://{host}:{port}/"))
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"127.0.0.1:{port},localhost:{port}")
        assert asyncio.run(fetch(f"http://127.0.0.1:{port}/")) == "ok"
        assert asyncio.run(fetch(f"http://localhost:{port}/")) == "ok"


def test_an_entry_without_a_port_allows_nothing_and_is_told(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "erp.example.com, other.example.com:8443, [::1]:*")
    guard._targets.cache_clear()
    with structlog.testing.capture_logs() as told:
        assert not guard.allowed("erp.example.com", 443)
        assert guard.allowed("other.example.com", 8443)
        assert guard.allowed("::1", 9)
    assert [row["entry"] for row in told] == ["erp.example.com"]

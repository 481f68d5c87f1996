"""API calls: an httpx2 client that connects only to judged addresses and keeps a total time-out."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore2
import httpx2
from opentelemetry import propagate

from . import guard

LARGEST_ANSWER = 64 * 1024 * 1024
_budget = threading.local()


class _Budget:
    """What one request may still cost: time until `deadline`, bytes of the answer."""

    def __init__(self, seconds: float, size: int) -> None:
        self.deadline = time.monotonic() + seconds
        self.size = size

    def seconds(self, wanted: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the total time-out is over")
        return left if wanted is None else min(wanted, left)

    def take(self, size: int) -> None:
        self.size -= size
        if self.size < 0:
            raise httpcore2.ReadError("the answer is too large")


def _within(wanted: float | None) -> float | None:
    budget: _Budget | None = getattr(_budget, "current", None)
    return budget.seconds(wanted) if budget else wanted


class _Stream(httpcore2.NetworkStream):
    """A connection whose every wait is cut at the request's deadline."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self.inner.read(max_bytes, _within(timeout))
        budget: _Budget | None = getattr(_budget, "current", None)
        if budget:
            budget.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, _within(timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, _within(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Connects to the addresses that the guard judged, in their order."""

    def __init__(self) -> None:
        self.inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = httpcore2.ConnectError("no address")
        for address in guard.addresses(host, port):
            try:
                stream = self.inner.connect_tcp(
                    address, port, _within(timeout), local_address, socket_options
                )
                return _Stream(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        raise guard.AddressRefused("unix sockets are not spoken")


@cache
def _trusted() -> ssl.SSLContext:
    """Whom this process trusts: read once, for reading the list takes longer than most calls."""
    return httpx2.create_ssl_context()


class _Transport(httpx2.HTTPTransport):
    def __init__(self, limits: httpx2.Limits) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Backend(),
        )


class GuardedClient(httpx2.Client):
    """An httpx2 client; connecting, waiting and reading together never take longer than `total_seconds`, and an answer is never
    larger than `largest_answer` bytes, neither as it comes nor unpacked.

    A streamed answer (`stream=True`) is only bounded until its headers.
    """

    def __init__(self, *, total_seconds: float, largest_answer: int = LARGEST_ANSWER, **options: Any) -> None:
        self.total_seconds = total_seconds
        self.largest_answer = largest_answer
        super().__init__(**options)

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        guard.split(str(request.url))
        propagate.inject(request.headers)
        _budget.current = _Budget(self.total_seconds, self.largest_answer)
        streamed = options.pop("stream", False)
        try:
            answer = super().send(request, stream=True, **options)
            if not streamed:
                _read(answer, self.largest_answer)
            return answer
        finally:
            _budget.current = None


def _read(answer: httpx2.Response, largest: int) -> None:
    """Read the answer to its end. What is packed is counted as it unpacks: a thousandth of it may have come over the wire."""
    parts, size = [], 0
    try:
        for part in answer.iter_bytes():
            size += len(part)
            if size > largest:
                raise httpx2.ReadError("the answer is too large", request=answer.request)
            parts.append(part)
    except BaseException:
        answer.close()
        raise
    answer._content = b"".join(parts)


def client(*, read_ms: int, connect_ms: int, **options: Any) -> GuardedClient:
    """A pooled client: no redirects, no proxies or settings from the environment.

    :param read_ms: how long the answer may take, all of it, in milliseconds.
    :param connect_ms: how long connecting may take; both together are the total time-out.
    :param options: further options of `httpx2.Client` (`base_url`, `headers`, …).
    """
    limits = httpx2.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=30)
    return GuardedClient(
        total_seconds=(read_ms + connect_ms) / 1000,
        transport=_Transport(limits),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(read_ms / 1000, connect=connect_ms / 1000),
        **options,
    )

"""The outermost door of a web tier: what is more than can be done is answered 503 at once, before Django sees it.

Only who stands at the door is refused; what was let in is finished. Health is always answered. A browser that shows a
session goes before programs, a little: people don't come again by themselves. Whether the session is a good one is found out
inside; a made-up one gains a few places in a queue.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from typing import Any

from django.http import HttpResponseBase
from prometheus_client import Gauge

from .. import health
from ..admission import SPARE, Gate, inside
from ..arriving import Body, BodyLate, Watch
from ..paths import API, HEALTH
from ..text import is_digits
from . import shed

IN_WORK = Gauge("ambar_requests_in_work", "Requests worked on now", registry=health.REGISTRY)
WAITING = Gauge("ambar_requests_waiting", "Requests that wait for their turn", registry=health.REGISTRY)

TEXTS = {
    "en": "Too many requests at the moment. Please try again.",
    "tr": "Şu anda çok fazla istek var. Lütfen yeniden deneyin.",
}
_BODIES = {
    language: json.dumps({"detail": text, "code": "overloaded"}, ensure_ascii=False).encode()
    for language, text in TEXTS.items()
}
_PAGES = {
    language: f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
    f"<title>Ambar</title><body><main><h1>Ambar</h1><p>{text}</p></main></body></html>".encode()
    for language, text in TEXTS.items()
}
SWALLOWED_BYTES = 1024 * 1024
_swallowing = threading.BoundedSemaphore(SPARE // 2)
_after = cycle("123")
"""Seconds to come again: spread, so that not everybody comes at the same moment."""

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Door:
    """A WSGI application that lets no more through to another one than its gate allows.

    :param cookie: name of the session cookie of this system.
    :param body_seconds: how long the body of a request may take to arrive; then 408.
    """

    def __init__(
        self, application: Application, gate: Gate, *, cookie: str, body_seconds: float = 60.0
    ) -> None:
        self._application = application
        self._gate = gate
        self._body_seconds = body_seconds
        self._watch: Watch | None = None
        self._cookie = f"{cookie}="
        IN_WORK.set_function(lambda: gate.in_work)
        WAITING.set_function(lambda: gate.queued)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in HEALTH:
            return self._application(environ, start)
        body = self._body(environ)
        if body is None:
            return self._enter(environ, start, path)
        said = _Start(start)
        try:
            answer = self._enter(environ, said, path)
        except BodyLate:
            return _late(start)
        if body.late:
            getattr(answer, "close", lambda: None)()
            return _late(start)
        said.go()
        return answer

    def _body(self, environ: dict[str, Any]) -> Body | None:
        """What the caller has announced to send, looked after from now on; None when that is nothing."""
        declared = environ.get("CONTENT_LENGTH") or ""
        if not (is_digits(declared) and int(declared) and self._body_seconds > 0):
            return None
        if self._watch is None:
            self._watch = Watch(seconds=self._body_seconds, port=int(environ.get("SERVER_PORT") or 0))
        environ["wsgi.input"] = body = Body(
            given=environ["wsgi.input"], length=int(declared), peer=environ.get("REMOTE_ADDR", ""), begun=time.monotonic(),
            watch=self._watch,
        )  # fmt: skip
        return body

    def _enter(self, environ: dict[str, Any], start: Start, path: str) -> Iterable[bytes]:
        screen = self._cookie in environ.get("HTTP_COOKIE", "") and not path.startswith(API)
        why = self._gate.enter(first=screen)
        if why is not None:
            shed.refused(why)
            return _refusal(environ, start)
        inside.gate = self._gate
        try:
            answer = self._application(environ, start)
            inside.gate = None
            if type(answer) is list:  # all of it, and nothing to close
                whole = answer
            elif getattr(answer, "streaming", True):
                return _Sending(answer, self._gate.leave)
            else:
                whole = [answer.content]  # type: ignore[attr-defined]
                answer.close()  # type: ignore[attr-defined]
        except BaseException:
            inside.gate = None
            self._gate.leave()
            raise
        self._gate.leave()
        return whole


class _Start:
    """What an application said its answer begins with, kept until it is sure to be sent."""

    __slots__ = ("_said", "_start")

    def __init__(self, start: Start) -> None:
        self._start = start
        self._said: tuple[Any, ...] | None = None

    def __call__(self, *said: Any) -> None:
        self._said = said

    def go(self) -> None:
        if self._said is not None:
            self._start(*self._said)


def _late(start: Start) -> list[bytes]:
    body = b'{"detail":"The body did not arrive in time.","code":"body_late"}'
    start(
        "408 Request Timeout",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")],
    )
    return [body]


class _Sending:
    """An answer that is made while it is sent; it keeps its place until the end, or until the caller hangs up."""

    def __init__(self, answer: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._answer = answer
        self._parts = iter(answer)
        self._leave: Callable[[], None] | None = leave

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the answer and gives the place back, once."""
        leave, self._leave = self._leave, None
        if leave is None:
            return
        try:
            if isinstance(self._answer, HttpResponseBase):
                self._answer.close()
        finally:
            leave()

    __del__ = close


def _refusal(environ: dict[str, Any], start: Start) -> list[bytes]:
    _swallow(environ)
    language = _language(environ)
    of_api = environ.get("PATH_INFO", "").startswith(API)
    body = (_BODIES if of_api else _PAGES)[language]
    start(
        "503 Service Unavailable",
        [
            ("Content-Type", "application/json" if of_api else "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Content-Language", language),
            ("Cache-Control", "no-store"),
            ("Retry-After", next(_after)),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [body]


def _swallow(environ: dict[str, Any]) -> None:
    """Takes what the caller is still sending, when it is not much: a connection closed in the middle of it would lose the answer.

    A few at a time, so that slow senders don't hold all threads that are there to refuse.
    """
    declared = environ.get("CONTENT_LENGTH") or ""
    if not (is_digits(declared) and 0 < int(declared) <= SWALLOWED_BYTES):
        return
    if _swallowing.acquire(blocking=False):
        try:
            environ["wsgi.input"].read(int(declared))
        finally:
            _swallowing.release()


def _language(environ: dict[str, Any]) -> str:
    if "ambar_language=" in (cookies := environ.get("HTTP_COOKIE", "")):
        return "tr" if "ambar_language=tr" in cookies else "en"
    return "tr" if environ.get("HTTP_ACCEPT_LANGUAGE", "").lower().startswith("tr") else "en"

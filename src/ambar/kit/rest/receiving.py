"""The shortest way of a call: what other programs tell us hundreds of times a second, from the door straight to its endpoint.

A receiver needs a caller, a few headers and a body. Making Django's request, passing its handler and middlewares and the framework's
operation cost more than all it does. So a call of a receiver that is plain in every respect is answered here; anything else about it
(no length, another method, a database known to be gone, a path not called before) goes the whole way, to the same function.
Source: our decision, `docs/decisions/0081-receivers-by-the-shortest-way.md`.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.request import split_domain_port, validate_host
from django.utils import translation

from .. import failpoints, health, pool
from ..text import is_digits
from . import direct, failures, shedding, together
from .application import _SCOPES, PUBLIC

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
MOST = 100


@dataclass(frozen=True, slots=True)
class _Known:
    receive: together.Receiver
    match: Any


_known: dict[str, _Known] = {}
"""Path → who receives there; learned from the first call, which goes the whole way."""


def receiver(view: together.Receiver) -> Callable[[HttpRequest], HttpResponse]:
    """Marks an endpoint that reads nothing of a request but its headers, its body and its path, and answers with a `Raw` or
    with what is left to be asked (`gathering.Left`). It takes bundles.

    It looks itself who calls: one whose caller the framework looks at (`rest.needs`) always goes the whole way.
    """

    @functools.wraps(view)
    def receive(request: HttpRequest) -> HttpResponse:
        if getattr(receive, _SCOPES, None) == (PUBLIC,):
            _learn(request, view)
        return together.answer(request, view)

    return receive


def _learn(request: HttpRequest, view: together.Receiver) -> None:
    match = request.resolver_match
    plain = request.method == "POST" and request.path == request.path_info
    if plain and match is not None and not match.kwargs and not match.args and len(_known) < MOST:
        _known[request.path_info] = _Known(view, match)


class _Headers:
    """The headers of a call by their names, as Django's `request.headers` gives them."""

    __slots__ = ("_environ",)

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ

    def get(self, name: str, default: Any = None) -> Any:
        return self._environ.get(_key(name), default)

    def __getitem__(self, name: str) -> Any:
        return self._environ[_key(name)]

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._environ


@functools.lru_cache(maxsize=200)
def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{key}"


class _Call:
    """What a receiver, and whoever answers in its place, asks of a request."""

    __slots__ = ("META", "body", "headers", "method", "path", "path_info", "principal", "resolver_match")
    GET: ClassVar[dict[str, str]] = {}
    """A receiver asks nothing of the query, so no refusal is about one of its parameters."""

    def __init__(self, environ: dict[str, Any], match: Any) -> None:
        self.META = environ
        self.method = "POST"
        self.path = self.path_info = environ["PATH_INFO"]
        self.headers = _Headers(environ)
        self.body = b""
        self.principal = None
        self.resolver_match = match


class Reception:
    """A WSGI application that answers calls of receivers itself and leaves all others to another one."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        known = _known.get(environ["PATH_INFO"])
        if known is None or not _is_plain(environ):
            return self._application(environ, start)
        started = time.perf_counter()
        try:
            answer = _answered(environ, known)
        finally:
            # As Django does at the end of a request: the connection goes back to its pool.
            if connection.connection is not None:
                connection.close_if_unusable_or_obsolete()
        health.observe(known.match.route, "POST", answer.status_code, time.perf_counter() - started)
        start(f"{answer.status_code} {answer.reason_phrase}", _headers(answer))
        return [answer.content]


def _is_plain(environ: dict[str, Any]) -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and any(name in environ for name in direct.SHOWN)
        and is_digits(length)
        and len(length) < 10
        and int(length) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        and "HTTP_TRANSFER_ENCODING" not in environ
        and not environ.get("SCRIPT_NAME")
        and _is_ours(environ.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS))
        and not shedding.is_closed()
    )


@functools.lru_cache(maxsize=100)
def _is_ours(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether Django would take the name under which we were called; it says no itself."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


def _answered(environ: dict[str, Any], known: _Known) -> HttpResponse:
    structlog.contextvars.clear_contextvars()
    translation.deactivate()
    pool.check_lightly(suspect=shedding.suspect)
    call: Any = _Call(environ, known.match)
    try:
        call.body = _body(environ)
        answer = together.answer(call, known.receive)
        if answer.status_code < 400:
            failpoints.reach("after_commit_before_reply")
    except Exception as error:
        answer = failures.of_exception(call, error)
    return answer


_ADDED = list(direct.HEADERS.items())


def _headers(answer: HttpResponse) -> list[tuple[str, str]]:
    """What the answer says itself, and after it what every answer of a program's call says."""
    own = list(answer.items())
    said = {name.lower() for name, _ in own}
    own += [one for one in _ADDED if one[0].lower() not in said]
    return own if "content-length" in said else [*own, ("Content-Length", str(len(answer.content)))]


def _body(environ: dict[str, Any]) -> bytes:
    try:
        body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    except OSError as error:
        raise UnreadablePostError(*error.args) from error
    return body

"""The client itself: one call by name, answered as JSON; sign-in, time-outs, retries and paging are its business."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson

from ambar.kit import clock
from ambar.kit.http import client as guarded_client
from ambar.kit.http import guard
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.domain import backoff, routing

ATTEMPTS = 4
SIGN_IN_PAUSE_SECONDS = 30.0
"""How long a refused sign-in is not repeated."""
KEY = "OMNITRON_CLIENT_SETTINGS"


class UpstreamFailed(Exception):
    """A call that did not succeed after all attempts. `status` is None when no answer came at all; `retry_after` is how
    many seconds upstream asked for, None when it did not. `pointless`: asking again at once would be.
    """

    def __init__(
        self,
        name: str,
        status: int | None,
        body: Any,
        *,
        retry_after: float | None = None,
        pointless: bool = False,
    ) -> None:
        super().__init__(f"{name}: {'no answer' if status is None else status}: {str(body)[:300]}")
        self.name = name
        self.status = status
        self.body = body
        self.retry_after = retry_after
        self.pointless = pointless

    @property
    def final(self) -> bool:
        """Whether asking again unchanged is pointless."""
        return (
            self.status is not None and 400 <= self.status < 500 and self.status not in (401, 408, 425, 429)
        )


class NotConfigured(Exception):
    """OMNITRON_CLIENT_SETTINGS is not set yet."""


class Client:
    """Named calls upstream over one pooled HTTP client. Safe to share between threads."""

    def __init__(
        self,
        settings: routing.ClientSettings,
        *,
        http: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.settings = settings
        self._http = http or guarded_client(read_ms=settings.read_ms, connect_ms=settings.connect_ms)
        self._sleep = sleep
        self._monotonic = monotonic
        self._attempts = attempts
        self._token: str | None = None
        self._signing_in = Lock()
        self._refused: tuple[float, UpstreamFailed] | None = None
        self._quiet: dict[str, float] = {}
        self._dates: dict[str, datetime] = {}

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def source(self, name: str) -> str:
        """Which system answers this call: "seller_center" or "omnitron"."""
        return routing.source(self.settings, name)

    def root(self, name: str) -> str:
        """The address under which this call is answered."""
        return routing.root(self.settings, name)

    def told_time(self, name: str) -> datetime | None:
        """What the clock of the system that answers this call said with its last answer (header `Date`); None: nothing readable."""
        return self._dates.get(_host(self.root(name)))

    def call(
        self,
        name: str,
        *,
        pk: int | None = None,
        method: str | None = None,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Do the named call and return the JSON of its 2xx answer. Raises `UpstreamFailed`."""
        route = routing.resolve(self.settings, name, pk=pk)
        self._keep_quiet(name, route.url)
        for attempt in range(1, self._attempts + 1):
            try:
                answer = self._once(name, route, method or route.method, params, body, headers or {})
            except UpstreamFailed as failure:
                wait = backoff.seconds(attempt, asked=failure.retry_after, spread=random.random())
                if failure.retry_after is not None:
                    self._quiet[_host(route.url)] = self._monotonic() + wait
                if failure.pointless or attempt == self._attempts or wait > backoff.LONGEST_SECONDS:
                    raise
                self._sleep(wait)
            else:
                self._quiet.pop(_host(route.url), None)
                return answer
        raise AssertionError("the last attempt answers or raises")

    def _keep_quiet(self, name: str, url: str) -> None:
        """Upstream asked another call of this process to come back later; this one waits with it."""
        left = self._quiet.get(_host(url), 0.0) - self._monotonic()
        if left > backoff.LONGEST_SECONDS:
            raise UpstreamFailed(name, 429, f"asked to come back in {left:.0f} s", retry_after=left)
        if left > 0:
            self._sleep(left)

    def _once(
        self,
        name: str,
        route: routing.Route,
        method: str,
        params: Mapping[str, Any] | None,
        body: Any,
        besides: Mapping[str, str],
    ) -> Any:
        """One attempt; a token that is no longer good is renewed once within it."""
        token = route.token or self._login(route.login_url)
        answer = self._send(name, method, route.url, token, params, body, besides)
        if answer.status_code == 401 and route.token is None:
            self._forget(token)
            answer = self._send(name, method, route.url, self._login(route.login_url), params, body, besides)
        if not 200 <= answer.status_code < 300:
            raise _failure(name, answer)
        payload = _json(answer)
        if payload is _NOT_JSON:
            raise UpstreamFailed(name, answer.status_code, "a 2xx answer that is not JSON")
        return payload

    def pages(
        self, name: str, params: Mapping[str, Any] | None = None, *, limit: int = 500
    ) -> Iterator[list[Any]]:
        """The list's pages one after another. A bare array is one page; a page without `next` ends at the first
        that is not full. A list that answers a page again that it has answered before is `UpstreamFailed`."""
        page, before, answered = 1, None, set[bytes]()
        while True:
            answer = self.call(name, params={**(params or {}), "page": page, "limit": limit})
            if isinstance(answer, list):
                yield answer
                return
            rows = answer.get("results", []) if isinstance(answer, dict) else []
            if rows and rows == before:
                raise UpstreamFailed(name, 200, "the list answers the same page again")
            before, mark = rows, hashlib.sha256(repr(rows).encode(errors="surrogatepass")).digest()
            if rows and mark in answered:
                raise UpstreamFailed(
                    name, 200, "the list answers an earlier page again: its pages lead in a circle"
                )
            answered.add(mark)
            yield rows
            more = answer.get("next") if isinstance(answer, dict) and "next" in answer else len(rows) >= limit
            if not rows or not more:
                return
            page += 1

    def count(self, name: str) -> int:
        """How many records upstream has: `<name>_count` where such a call exists, else the list's own count."""
        from ambar.oms.omnitron_client.domain.endpoints import ENDPOINTS

        if f"{name}_count" in ENDPOINTS:
            return int(self.call(f"{name}_count")["count"])
        answer = self.call(name, params={"limit": 1})
        return len(answer) if isinstance(answer, list) else int(answer["count"])

    def _send(
        self,
        name: str,
        method: str,
        url: str,
        token: str,
        params: Mapping[str, Any] | None,
        body: Any,
        besides: Mapping[str, str],
    ) -> httpx2.Response:
        headers = {"Authorization": token, "Accept": "application/json", **besides}
        try:
            answer = self._http.request(method, url, headers=headers, params=params or None, json=body)
        except (httpx2.HTTPError, guard.AddressRefused, OSError) as error:
            raise UpstreamFailed(name, None, f"{type(error).__name__}: {error}") from None
        date = _date(answer)
        if date is None:
            self._dates.pop(_host(url), None)
        else:
            self._dates[_host(url)] = date
        return answer

    def _login(self, url: str) -> str:
        """The token of all threads. A refused sign-in is not asked for again for a while, for that locks the account."""
        with self._signing_in:
            if self._token is not None:
                return self._token
            if self._refused is not None and self._monotonic() < self._refused[0]:
                raise self._refused[1]
            credentials = {"username": self.settings.username, "password": self.settings.password}
            try:
                answer = self._http.post(url, json=credentials, headers={"Accept": "application/json"})
            except (httpx2.HTTPError, guard.AddressRefused, OSError) as error:
                raise UpstreamFailed("login", None, f"{type(error).__name__}: {error}") from None
            payload = _json(answer)
            if answer.status_code != 200:
                raise self._not_signed_in(_failure("login", answer))
            key = payload.get("key") if isinstance(payload, dict) else None
            if not isinstance(key, str) or not key.strip() or not key.isprintable():
                raise UpstreamFailed("login", 200, "no token is in the answer")
            self._refused = None
            self._token = routing.with_scheme(key)
            return self._token

    def _not_signed_in(self, failure: UpstreamFailed) -> UpstreamFailed:
        if failure.final or failure.status == 429:
            pause = SIGN_IN_PAUSE_SECONDS if failure.retry_after is None else failure.retry_after
            failure.pointless = True
            self._refused = (self._monotonic() + pause, failure)
        return failure

    def _forget(self, token: str) -> None:
        with self._signing_in:
            if self._token == token:
                self._token = None


_NOT_JSON = object()


def _json(answer: httpx2.Response) -> Any:
    if not answer.content:
        return None
    try:
        return orjson.loads(answer.content)
    except ValueError:
        pass  # it may still be what a more patient reader takes: another encoding, a lone surrogate, NaN
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return _NOT_JSON


def _shown(answer: httpx2.Response) -> Any:
    payload = _json(answer)
    return answer.text[:2000] if payload is _NOT_JSON else payload


def _failure(name: str, answer: httpx2.Response) -> UpstreamFailed:
    status = answer.status_code
    return UpstreamFailed(
        name,
        status,
        _shown(answer),
        retry_after=backoff.asked_for(answer.headers.get("retry-after"), clock.now()),
        pointless=300 <= status < 499 and status not in (408, 425, 429),
    )


def _date(answer: httpx2.Response) -> datetime | None:
    try:
        found = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return None if found.tzinfo is None else found


def _host(url: str) -> str:
    return urlsplit(url).netloc


_current: tuple[dict[str, Any], Client] | None = None
_building = Lock()


def current() -> Client:
    """The client of the stored settings; built anew when they change. Raises `NotConfigured`."""
    global _current
    value = settings_queries.value(KEY)
    if value is None:
        raise NotConfigured(KEY)
    with _building:
        if _current is None or _current[0] != value:
            _current = (value, Client(schemas.to_settings(value)))
        return _current[1]

"""The client itself: one call by name, answered as JSON; sign-in, time-outs, retries and paging are its business."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any

import httpx2

from ambar.kit import clock
from ambar.kit.http import client as guarded_client
from ambar.kit.http import guard
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.domain import backoff, routing

ATTEMPTS = 4
KEY = "OMNITRON_CLIENT_SETTINGS"


class UpstreamFailed(Exception):
    """A call that did not succeed after all attempts. `status` is None when no answer came at all."""

    def __init__(self, name: str, status: int | None, body: Any, *, retry_after: float | None = None) -> None:
        super().__init__(f"{name}: {'no answer' if status is None else status}: {str(body)[:300]}")
        self.name = name
        self.status = status
        self.body = body
        self.retry_after = retry_after

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
        attempts: int = ATTEMPTS,
    ) -> None:
        self.settings = settings
        self._http = http or guarded_client(read_ms=settings.read_ms, connect_ms=settings.connect_ms)
        self._sleep = sleep
        self._attempts = attempts
        self._token: str | None = None
        self._signing_in = Lock()

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def source(self, name: str) -> str:
        """Which system answers this call: "seller_center" or "omnitron"."""
        return routing.source(self.settings, name)

    def call(
        self,
        name: str,
        *,
        pk: int | None = None,
        method: str | None = None,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Do the named call and return the JSON of its 2xx answer. Raises `UpstreamFailed`."""
        route = routing.resolve(self.settings, name, pk=pk)
        signed_in_again = False
        attempt = 0
        while True:
            attempt += 1
            token = route.token or self._login(route.login_url)
            answer, problem = self._send(method or route.method, route.url, token, params, body)
            if (
                answer is not None
                and answer.status_code == 401
                and route.token is None
                and not signed_in_again
            ):
                signed_in_again, attempt = True, attempt - 1
                self._forget(token)
                continue
            if answer is not None and 200 <= answer.status_code < 300:
                payload = _json(answer)
                if payload is not _NOT_JSON:
                    return payload
                problem = "a 2xx answer that is not JSON"
            status = None if answer is None else answer.status_code
            failed_body = problem if answer is None or problem else _shown(answer)
            retry_after = None if answer is None else answer.headers.get("retry-after")
            wait = backoff.seconds(attempt, retry_after=retry_after, now=clock.now(), spread=random.random())
            failure = UpstreamFailed(name, status, failed_body, retry_after=wait)
            if attempt >= self._attempts or (status is not None and _pointless(status, problem)):
                raise failure
            self._sleep(wait)

    def pages(
        self, name: str, params: Mapping[str, Any] | None = None, *, limit: int = 500
    ) -> Iterator[list[Any]]:
        """The list's pages one after another. A bare array is one page; a page without `next` ends at the first
        that is not full."""
        page = 1
        while True:
            answer = self.call(name, params={**(params or {}), "page": page, "limit": limit})
            if isinstance(answer, list):
                yield answer
                return
            rows = answer.get("results", []) if isinstance(answer, dict) else []
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
        self, method: str, url: str, token: str, params: Mapping[str, Any] | None, body: Any
    ) -> tuple[httpx2.Response | None, str]:
        headers = {"Authorization": token, "Accept": "application/json"}
        try:
            return self._http.request(method, url, headers=headers, params=params or None, json=body), ""
        except (httpx2.HTTPError, guard.AddressRefused, OSError) as error:
            return None, f"{type(error).__name__}: {error}"

    def _login(self, url: str) -> str:
        with self._signing_in:
            if self._token is None:
                credentials = {"username": self.settings.username, "password": self.settings.password}
                try:
                    answer = self._http.post(url, json=credentials, headers={"Accept": "application/json"})
                except (httpx2.HTTPError, guard.AddressRefused, OSError) as error:
                    raise UpstreamFailed("login", None, f"{type(error).__name__}: {error}") from None
                payload = _json(answer)
                if answer.status_code != 200 or not isinstance(payload, dict) or "key" not in payload:
                    raise UpstreamFailed("login", answer.status_code, _shown(answer))
                self._token = routing.with_scheme(str(payload["key"]))
            return self._token

    def _forget(self, token: str) -> None:
        with self._signing_in:
            if self._token == token:
                self._token = None


_NOT_JSON = object()


def _json(answer: httpx2.Response) -> Any:
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        return _NOT_JSON


def _shown(answer: httpx2.Response) -> Any:
    payload = _json(answer)
    return answer.text[:2000] if payload is _NOT_JSON else payload


def _pointless(status: int, problem: str) -> bool:
    return not problem and status < 499 and status not in (408, 425, 429)


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

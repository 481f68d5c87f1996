"""Calls to the commerce hub: token or login, one re-login on 401, guarded addresses, no redirects."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from ambar.kit import clock, http
from ambar.kit.outbox.domain.verdicts import retry_after_seconds
from ambar.seller_center.omnitron_link.queries import OmnitronConnection


class OmnitronUnavailable(Exception):
    """The hub did not give a usable answer; trying again later is right, after `retry_after` seconds where it said so."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OmnitronRefused(Exception):
    """The hub said no (a 4xx other than 401/408/429); repeating the same request is pointless."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"the commerce hub answered {status}: {str(body)[:500]}")
        self.status = status
        self.body = body


class _Line:
    """What calls over one connection share in this process: open sockets, and the key of the last login.

    A login hashes a password, which is made to be slow: a key is kept until the hub refuses it.
    """

    def __init__(self, connection: OmnitronConnection) -> None:
        self.connection = connection
        self.http = http.client(read_ms=connection.read_ms, connect_ms=connection.connect_ms)
        self.token = connection.token
        self.login = threading.Lock()


_line: _Line | None = None
_choosing = threading.Lock()


def _line_of(connection: OmnitronConnection) -> _Line:
    """The line of these settings; whoever changed them gets a new one, and the old one ends with its last user."""
    global _line
    with _choosing:
        if _line is None or _line.connection != connection:
            _line = _Line(connection)
        return _line


class OmnitronClient:
    """Calls to the hub as the settings say; use it as a context manager.

    Errors: :class:`OmnitronUnavailable`, :class:`OmnitronRefused`, `http.guard.AddressRefused`.
    """

    def __init__(self, connection: OmnitronConnection) -> None:
        self._connection = connection
        self._line = _line_of(connection)

    def __enter__(self) -> OmnitronClient:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing to close: the line stays open for the next one."""

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The decoded JSON of a 2xx answer (`None` for an empty one)."""
        token = self._line.token or self._login(None)
        answer = self._send(method, path, token, json=json, params=params, headers=headers)
        if answer.status_code == 401 and self._connection.password:
            token = self._login(token)
            answer = self._send(method, path, token, json=json, params=params, headers=headers)
        return self._decoded(answer)

    def rows(self, path: str, *, limit: int = 1000) -> Iterator[list[dict[str, Any]]]:
        """All rows of a list in the order of ids: by keyset, or by page number when the hub ignores `id__gt`."""
        after, number = 0, 1
        while True:
            params = {"limit": limit, "sort": "id", "id__gt": after, "page": number}
            page = self.request("GET", path, params=params)
            rows = page["results"] if isinstance(page, dict) else page
            fresh = [row for row in rows if int(row.get("id") or row["pk"]) > after]
            if fresh:
                yield fresh
                after = int(fresh[-1].get("id") or fresh[-1]["pk"])
            if not isinstance(page, dict) or not rows or (number > 1 and not page.get("next")):
                return
            if number > 1 or not fresh:
                number += 1

    def _login(self, refused: str | None) -> str:
        """A key that is not `refused`: the one another thread has just got, or a new one."""
        with self._line.login:
            if self._line.token is not None and self._line.token != refused:
                return self._line.token
            credentials = {"username": self._connection.username, "password": self._connection.password or ""}
            body = self._decoded(self._send("POST", "auth/login/", None, json=credentials, params=None))
            if not isinstance(body, dict) or "key" not in body:
                raise OmnitronUnavailable("the login answered no key")
            self._line.token = str(body["key"])
            return self._line.token

    def _send(
        self,
        method: str,
        path: str,
        token: str | None,
        *,
        json: Any,
        params: dict[str, Any] | None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"Accept": "application/json", **(headers or {})}
        if token:
            headers["Authorization"] = token if " " in token else f"Token {token}"
        url = f"{self._connection.root}/{path.lstrip('/')}"
        try:
            return self._line.http.request(method, url, json=json, params=params, headers=headers)
        except http.guard.AddressRefused:
            raise
        except Exception as error:  # every transport failure is the same to the caller: later
            raise OmnitronUnavailable(f"{type(error).__name__} at {method} {url}") from error

    @staticmethod
    def _decoded(answer: Any) -> Any:
        status = answer.status_code
        if status in (401, 408, 429) or status >= 500 or 300 <= status < 400:
            asked = retry_after_seconds(answer.headers.get("Retry-After"), now=clock.now())
            raise OmnitronUnavailable(f"the commerce hub answered {status}", retry_after=asked)
        if status == 204 or not answer.content:
            return None
        try:
            body = answer.json()
        except ValueError as error:
            if status < 300:
                raise OmnitronUnavailable("the commerce hub answered no JSON") from error
            body = answer.text[:500]
        if status >= 400:
            raise OmnitronRefused(status, body)
        return body

"""A small HTTP client for the command line: one base address, one token, JSON in and out, patient while a server restarts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx2

PATIENCE_SECONDS = 60.0
"""How long a call is repeated while nothing answers, or the answer is 502, 503 or 504."""
TRY_AGAIN = (502, 503, 504)


class Unexpected(RuntimeError):
    """The server answered something else than success; the text says what and where."""


class Wire:
    """Calls to one system.

    Every call is safe to repeat here: creations are idempotent by their natural key or carry an
    `Idempotency-Key`, so a lost answer is simply asked for again.
    """

    def __init__(self, base: str, token: str | None = None, *, seconds: float = 30.0) -> None:
        self.base = base.rstrip("/")
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Token {token}"
        self.client = httpx2.Client(base_url=self.base, headers=headers, timeout=seconds)

    def login(self, username: str, password: str) -> None:
        """Takes a token with the password and uses it from now on."""
        key = self.post("/api/v1/auth/login/", {"username": username, "password": password})["key"]
        self.client.headers["Authorization"] = f"Token {key}"

    def call(self, method: str, path: str, body: Any = None, **arguments: Any) -> httpx2.Response:
        """One call, repeated while the server is away.

        :raises Unexpected: a status of 400 or more.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = (
                    self.client.request(method, path, json=body, **arguments)
                    if body is not None
                    else self.client.request(method, path, **arguments)
                )
                if answer.status_code not in TRY_AGAIN or time.monotonic() > end:
                    break
            except httpx2.TransportError as error:
                if time.monotonic() > end:
                    raise Unexpected(f"{method} {self.base}{path}: {error}") from error
            time.sleep(0.1)
        if answer.status_code >= 400:
            raise Unexpected(f"{method} {self.base}{path} answered {answer.status_code}: {answer.text[:600]}")
        return answer

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query).json()

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.call("POST", path, body, headers=headers)
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any) -> Any:
        answer = self.call("PUT", path, body)
        return answer.json() if answer.content else None

    def patch(self, path: str, body: Any) -> Any:
        answer = self.call("PATCH", path, body)
        return answer.json() if answer.content else None

    def rows(self, path: str, *, limit: int = 1000, **query: Any) -> Iterator[dict[str, Any]]:
        """All rows of a list, page after page, in id order."""
        page = 1
        while True:
            document = self.get(path, page=page, limit=limit, sort="id", **query)
            yield from document["results"]
            if not document["next"]:
                return
            page += 1

    def count(self, path: str, **query: Any) -> int:
        return int(self.get(path, limit=1, **query)["count"])

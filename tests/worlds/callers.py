"""Callers of the OMS's REST interface."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from ambar.kit import accounts

ROOT = "/api/v1/oms"


class Caller:
    """A client with a token (None: without)."""

    def __init__(self, key: str | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Token {key}"} if key else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(ROOT + path, query, headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any) -> Any:
        return self._send("patch", path, body, {})

    def _send(self, verb: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        send = getattr(self.client, verb)
        return send(ROOT + path, raw, content_type="application/json", headers={**self.headers, **named})


def caller(role: str, *, username: str = "", **bounds: Any) -> Caller:
    """A user of `role` with `bounds`, and its token."""
    user = accounts.ensure_user(username or role.replace(" ", "-"), "a long password 1", [role], bounds)
    return Caller(accounts.issue_token(user, name="test"))

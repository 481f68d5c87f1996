from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from ambar.kit import accounts

accounts.register_role("reader", {"entries:read"}, "Reader")
accounts.register_role("writer", {"entries:read", "orders:write"}, "Writer")
accounts.register_role("bound reader", {"entries:read"}, "Reader of some places", bound="location_ids")
accounts.register_role("bound seller", {"entries:read"}, "Reader of one seller", bound="seller_id")


class Caller:
    """A client that sends its token and JSON."""

    def __init__(self, key: str | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Token {key}"} if key else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query, headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, raw, content_type="application/json", headers={**self.headers, **named})


@pytest.fixture
def reader(db: None) -> Caller:
    user = accounts.ensure_user("reader", "reader-password", ["reader"])
    return Caller(accounts.issue_token(user, name="test"))


@pytest.fixture
def writer(db: None) -> Caller:
    user = accounts.ensure_user("writer", "writer-password", ["writer"])
    return Caller(accounts.issue_token(user, name="test"))


@pytest.fixture
def nobody(db: None) -> Caller:
    return Caller(None)

"""A real system and its fake, asked the same questions: both must answer the same, times and addresses aside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx2

from ambar.cli.fake.contract_server import Running
from tests.worlds.waiting import LONG_SECONDS

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_HOST = re.compile(r"^https?://[^/]+")
HEADERS = ("WWW-Authenticate",)


class Twins:
    """`real(method, path, body, headers)` is the real system's test client; `settle` lets it finish what it put off."""

    def __init__(
        self, real: Any, fake: Running, *, token: str, settle: Callable[[], Any] = lambda: None
    ) -> None:
        self.real, self.settle = real, settle
        self.client = httpx2.Client(base_url=fake.url, timeout=LONG_SECONDS)
        self.token = token

    def close(self) -> None:
        self.client.close()

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        real: Any = None,
        token: str | None = None,
    ) -> tuple[int, Any]:
        """Ask both, check that they answer alike, and tell the real one's answer.

        `real`: another caller than the usual one; `token`: the one the fake is shown then ("" for none).
        """
        raw = body if isinstance(body, bytes) else (b"" if body is None else json.dumps(body).encode())
        theirs = (real or self.real)(method, path, raw, dict(headers or {}))
        self.settle()
        shown = self.token if token is None else token
        sent = {"Content-Type": "application/json", **({"Authorization": f"Token {shown}"} if shown else {})}
        ours = self.client.request(method, path, content=raw, headers={**sent, **(headers or {})})
        expected = (
            theirs.status_code,
            plain(_json(theirs.content)),
            *(theirs.headers.get(name) for name in HEADERS),
        )
        got = (ours.status_code, plain(_json(ours.content)), *(ours.headers.get(name) for name in HEADERS))
        assert got == expected, f"{method} {path}: the fake answers\n{got}\nthe real system\n{expected}"
        return theirs.status_code, _json(theirs.content)

    def get(self, path: str, **more: Any) -> Any:
        return self("GET", path, **more)[1]


def _json(content: bytes) -> Any:
    return json.loads(content) if content else None


def plain(value: Any) -> Any:
    """A message without what may differ: moments, the host of links, and the seal only our Seller Center has (decision 44)."""
    if isinstance(value, dict):
        return {
            key: _HOST.sub("", inner)
            if key in ("next", "previous") and isinstance(inner, str)
            else plain(inner)
            for key, inner in value.items()
            if key != "handover"
        }
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return "moment" if isinstance(value, str) and _MOMENT.fullmatch(value) else value

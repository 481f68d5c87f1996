"""The Seller Center's side of a comparison, asked over HTTP (`contracts/handover/`).

It is reached where orders are read: the `orders` entry of OMNITRON_CLIENT_SETTINGS.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2

from ambar.kit import clock
from ambar.kit.http import client as guarded_client
from ambar.kit.http import guard
from ambar.oms.omnitron_client.domain import backoff, routing
from ambar.oms.omnitron_client.gateways import client as upstream

ATTEMPTS = 4
READ_MS = 60_000
"""Digests of a million packages take seconds where the time-out of a plain call may be shorter."""
LONGEST_QUERY = 1500
"""Characters of a query: servers, proxies and our own address guard take addresses of some 2,000."""
ORDERS_AT_ONCE = 50
AGAIN = (408, 425, 429, 500, 502, 503, 504)


class Unknowable(Exception):
    """The other side can't be compared with; the text says why."""


class Older(Exception):
    """The Seller Center does not know this parameter: it was installed before the parameter was agreed on."""


class _TooMuch(Exception):
    """One answer does not hold what was asked for: it has to be asked for in parts."""


class Silent(Exception):
    """The Seller Center did not answer as agreed."""


class SellerCenter:
    """Questions to the hand-over endpoints; `requests` counts them."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        http: httpx2.Client,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.requests = 0
        self._http = http
        self._headers = {"Authorization": routing.with_scheme(token), "Accept": "application/json"}
        self._sleep = sleep

    def summary(self, low: UUID, high: UUID) -> dict[str, Any]:
        """What the other side has of this seller, in figures; `window` is about the events of identities in [low, high)."""
        found = self._ask("handover/", [("from", low.hex), ("to", high.hex)])
        if not isinstance(found, dict):
            raise Silent("handover/: not an object")
        return found

    def digests(self, kind: str, place: str, **more: int) -> list[dict[str, Any]]:
        """Digests of `packages` or `orders` within a place. Errors: `Older` when it does not know these `fields`."""
        params = [
            *([("place", place)] if place else []),
            *((name, str(value)) for name, value in more.items()),
        ]
        return self._results(f"handover/{kind}/digests/", params)

    def rows(self, kind: str, places: Sequence[str], *, fields: int = 0) -> list[list[Any]]:
        """Rows of `packages` or `orders` in these places, with their marks when `fields`."""
        return self._in_pieces(
            f"handover/{kind}/rows/",
            [("place", place) for place in places],
            besides=[("fields", str(fields))] if fields else [],
        )

    def details(
        self, *, numbers: Sequence[str] = (), order_ids: Sequence[int] = (), brief: bool = False
    ) -> list[dict[str, Any]]:
        """Whole packages by number and by order (at most 100 each); `brief` without their lines and events."""
        params = [("number", number) for number in numbers] + [("order", str(pk)) for pk in order_ids]
        return self._details(params, [("brief", "1")] if brief else [])

    def _details(
        self, params: Sequence[tuple[str, str]], besides: Sequence[tuple[str, str]]
    ) -> list[dict[str, Any]]:
        path = "handover/packages/details/"
        try:
            return self._in_pieces(path, params, besides=besides)
        except _TooMuch as problem:
            if len(params) == 1:
                raise Silent(f"{path}: {problem}") from problem
            half = len(params) // 2
            return self._details(params[:half], besides) + self._details(params[half:], besides)

    def orders(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        """Detailed orders by id, as the pull reads them."""
        found: list[dict[str, Any]] = []
        for first in range(0, len(ids), ORDERS_AT_ONCE):
            some = ids[first : first + ORDERS_AT_ONCE]
            params = [("pk__in", ",".join(map(str, some))), ("limit", str(len(some)))]
            found += self._results("orders/", params)
        return found

    def give_back(self, orders: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Hand orders back that the other side has lost; a verdict for each."""
        return self._results("handover/orders/", [], method="POST", body={"orders": list(orders)})

    def _in_pieces(
        self, path: str, params: Sequence[tuple[str, str]], *, besides: Sequence[tuple[str, str]] = ()
    ) -> list[Any]:
        """The results of a question of many parts, asked in as many requests as addresses of usual length take."""
        found: list[Any] = []
        piece: list[tuple[str, str]] = []
        length = 0
        for name, value in params:
            size = len(name) + len(quote(value, safe="")) + 2
            if piece and length + size > LONGEST_QUERY:
                found += self._results(path, [*piece, *besides])
                piece, length = [], 0
            piece.append((name, value))
            length += size
        return found + self._results(path, [*piece, *besides]) if piece else found

    def _results(self, path: str, params: list[tuple[str, str]], **more: Any) -> list[Any]:
        answer = self._ask(path, params, **more)
        rows = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise Silent(f"{path}: no results")
        return rows

    def _ask(self, path: str, params: list[tuple[str, str]], *, method: str = "GET", body: Any = None) -> Any:
        url = f"{self.base_url}/{path}"
        for attempt in range(1, ATTEMPTS + 1):
            self.requests += 1
            problem, status, retry_after = "", None, None
            try:
                answer = self._http.request(
                    method, url, params=params or None, headers=self._headers, json=body
                )
                status, retry_after = answer.status_code, answer.headers.get("retry-after")
                if 200 <= status < 300:
                    return answer.json()
                problem = answer.text[:300]
                if status == 400:
                    _understood(answer.json(), {name for name, _ in params})
            except (httpx2.HTTPError, guard.AddressRefused, OSError, ValueError) as error:
                problem = f"{type(error).__name__}: {error}"
            if status in (404, 405) and path.startswith("handover/"):
                raise Unknowable(f"The Seller Center has no {path} ({status}).")
            if attempt == ATTEMPTS or (status is not None and status not in AGAIN):
                break
            asked = backoff.asked_for(retry_after, clock.now())
            wait = backoff.seconds(attempt, asked=asked, spread=random.random())
            self._sleep(min(wait, backoff.LONGEST_SECONDS))
        raise Silent(f"{path}: {'no answer' if status is None else status}: {problem}")


def _understood(refusal: Any, asked: Container[str]) -> None:
    """A refusal that says what to do instead."""
    if not isinstance(refusal, dict) or len(refusal) != 1:
        return
    (name,) = refusal
    if name == "fields" and name in asked:
        raise Older()
    if name == "order" and name in asked:
        raise _TooMuch(str(refusal[name])[:300])


@contextmanager
def connected() -> Iterator[SellerCenter]:
    """The configured Seller Center. Errors: `Unknowable` when orders are not read from one, or nothing is configured."""
    try:
        settings = upstream.current().settings
    except upstream.NotConfigured:
        raise Unknowable("OMNITRON_CLIENT_SETTINGS is not set.") from None
    entry = settings.redirects.get("orders")
    if entry is None:
        raise Unknowable("Orders are not read from a Seller Center: endpoint_conf has no entry for them.")
    http = guarded_client(read_ms=max(READ_MS, settings.read_ms), connect_ms=settings.connect_ms)
    try:
        yield SellerCenter(entry.base_url, entry.token, http=http)
    finally:
        http.close()

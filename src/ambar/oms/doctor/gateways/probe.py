"""One ask, once, timed: what came back or why nothing did. No retries, for the doctor wants to see the first answer."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2

from ambar.kit.http import client as guarded_client
from ambar.kit.http import guard
from ambar.oms.omnitron_client.domain.routing import with_scheme

LONGEST_MS = 10_000
LATE_TWICE = 2
NOT_JSON = object()

PROBLEMS = {
    "address": ("address not allowed", "adrese izin yok"),
    "timeout": ("time-out", "zaman aşımı"),
    "connection": ("no connection", "bağlantı yok"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`status` 0: none came, and `problem` (a key of `PROBLEMS`) says why. `date` is the sender's clock, if it told."""

    status: int
    payload: Any = None
    problem: str = ""
    took_ms: int = 0
    date: datetime | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300 and self.payload is not NOT_JSON


@cache
def _client(read_ms: int, connect_ms: int) -> httpx2.Client:
    """One pool per pair of time-outs for the life of the process: making one costs more than a visit's asks."""
    return guarded_client(read_ms=read_ms, connect_ms=connect_ms)


class Probe:
    """Asks of one visit. An address that can't be reached, or was late twice, is not waited for again."""

    def __init__(self, *, read_ms: int = LONGEST_MS, connect_ms: int = LONGEST_MS) -> None:
        self._http = _client(min(read_ms, LONGEST_MS), min(connect_ms, LONGEST_MS))
        self._silent: dict[str, Answer] = {}
        self._late: Counter[str] = Counter()

    def ask(
        self,
        method: str,
        url: str,
        token: str = "",
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Answer:
        """The answer of one request; never raises for what the other side does."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if origin in self._silent:
            return self._silent[origin]
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = with_scheme(token)
        started = time.perf_counter()
        try:
            found = self._http.request(method, url, headers=headers, params=params or None, json=body)
        except (httpx2.HTTPError, guard.AddressRefused, OSError) as error:
            nothing = Answer(status=0, problem=_problem(error), took_ms=_since(started))
            self._late[origin] += 1
            if nothing.problem != "timeout" or self._late[origin] == LATE_TWICE:
                self._silent[origin] = nothing
            return nothing
        return Answer(
            status=found.status_code,
            payload=_json(found),
            took_ms=_since(started),
            date=_date(found.headers.get("date")),
        )


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _problem(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, guard.AddressRefused):
            return "address"
        cause = cause.__cause__ or cause.__context__
    return "timeout" if isinstance(error, httpx2.TimeoutException) else "connection"


def _json(answer: httpx2.Response) -> Any:
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        return NOT_JSON


def _date(header: str | None) -> datetime | None:
    try:
        return None if header is None else parsedate_to_datetime(header)
    except ValueError:
        return None

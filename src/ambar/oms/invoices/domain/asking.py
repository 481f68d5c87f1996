"""How services are asked: with which numbers of our own, how long, and which of several."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

AT_ONCE = 8
"""Questions on their way at the same time, per call of a command."""
BUDGET_SECONDS = 60.0
"""No question is begun later than this after the first one of a call."""
READ_SECONDS = 10
CONNECT_SECONDS = 3
MARGIN_SECONDS = 5
BILL = "bill"
INVOICE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service to ask: its address, how to sign in (`auth` as in a transition's parameters, secrets in clear)."""

    purpose: str
    url: str
    auth: Mapping[str, Any]
    read_seconds: int
    connect_seconds: int
    makes_number: bool
    makes_url: bool


def service(purpose: str, call: Mapping[str, Any]) -> Service:
    """The service that a `remote_invoice_call` (or an entry of the bill settings) describes."""
    times = call.get("timeouts") or {}
    return Service(
        purpose=purpose,
        url=call.get("remote_url", ""),
        auth=call.get("auth") or {"request_type": "anonymous"},
        read_seconds=times.get("read", READ_SECONDS),
        connect_seconds=times.get("connect", CONNECT_SECONDS),
        makes_number=not call.get("generate_invoice_number", False),
        makes_url=not call.get("generate_invoice_url", False),
    )


def lease(count: int, one: Service) -> timedelta:
    """How long `count` questions are left to the call that took them; a call that died is asked again after it."""
    longest = one.read_seconds + one.connect_seconds
    rounds = math.ceil(count / AT_ONCE) - 1
    return timedelta(seconds=min(BUDGET_SECONDS, rounds * longest) + longest + MARGIN_SECONDS)


def bill_service(
    services: Iterable[Mapping[str, Any]], *, source: str, channel: str
) -> Mapping[str, Any] | None:
    """The entry for orders of `source` that came through `channel`; one that names the channel goes first."""
    fitting = [one for one in services if one["source"] == source and one.get("channel") in (None, channel)]
    return max(fitting, key=lambda one: one.get("channel") is not None, default=None)


def made_number(prefix: str, n: int, *, now: datetime) -> str:
    """An invoice number of our own: prefix, year (UTC), nine digits. `n` never comes twice; gaps are possible."""
    return f"{prefix}{now.year}{n:09}"

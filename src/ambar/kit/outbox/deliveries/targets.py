"""Hooks as the engine needs them: everything that does not change from event to event is made once."""

from __future__ import annotations

import base64
import time
from asyncio import Future
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from yarl import URL

from ambar.kit import vault
from ambar.kit.http import bundle, guard
from ambar.kit.outbox import hook_secrets
from ambar.kit.outbox.deliveries.endpoints import Endpoint
from ambar.kit.outbox.domain import signatures
from ambar.kit.outbox.domain.countdown import Countdown, parse_countdown
from ambar.kit.outbox.domain.envelope import compose
from ambar.kit.outbox.domain.hook_fields import SIGNATURE_HEADERS, TRANSPORT_HEADERS
from ambar.kit.outbox.domain.verdicts import Answer
from ambar.kit.refusals import Refusal

PROTECTED = SIGNATURE_HEADERS | TRANSPORT_HEADERS
"""Headers that a hook's own headers can't replace."""


@dataclass(slots=True)
class Job:
    """One claimed delivery; it must be begun before `begin_by` (monotonic), well within the lease.

    :param trace: of the call that made the event happen, empty without one: then the event is a trace of its own.
    :param early: seconds before its next try was due: then it is a probe of an ill endpoint and costs no try.
    """

    id: int
    target: Target
    kind: str
    aggregate_id: int
    attempts: int
    attempt_limit: int
    uuid: UUID
    type: str
    sequence: int
    payload: bytes
    trace: str
    begin_by: float
    early: float = 0.0

    def body(self) -> bytes:
        """What is told of the event, the same in every try."""
        return compose(type=self.type, uuid_hex=self.uuid.hex, payload=self.payload)

    def headers(self) -> dict[str, str]:
        """What its call says of this event alone."""
        return {
            "X-Whisperer-Event": self.type,
            "X-Ambar-Sequence": str(self.sequence),
            "X-Ambar-Aggregate": f"{self.kind}:{self.aggregate_id}",
            "traceparent": f"00-{self.trace or self.uuid.hex}-{self.id & 0xFFFFFFFFFFFFFFFF or 1:016x}-01",
        }


@dataclass(slots=True)
class Line:
    """Those who wait to be sent with the next bundle to a hook.

    :param takes: whether its receiver said that it takes bundles. :param alone_until: when it refused one, nothing is
        bundled until then (monotonic), whatever it says. :param led: whether somebody sends what waits.
    """

    takes: bool = False
    alone_until: float = 0.0
    led: bool = False
    waiting: deque[tuple[Job, Future[Answer | None]]] = field(default_factory=deque)


@dataclass(slots=True, frozen=True)
class Target:
    """One active hook, precomputed; `collapse`: of several waiting events of a record only the newest is sent. `known`: when it was
    changed last, as far as is known here."""

    hook_id: int
    url: URL
    endpoint: Endpoint[list[Job]]
    secret: str
    keys: tuple[bytes, ...]
    countdown: Countdown
    basic: str
    headers: tuple[tuple[str, str], ...]
    collapse: bool
    rate: float
    known: datetime
    line: Line = field(default_factory=Line)

    def request(self, job: Job, *, timestamp: int) -> tuple[bytes, dict[str, str]]:
        """Body and headers of one try; the body is the same in every try."""
        body = job.body()
        headers = {"Content-Type": "application/json", **job.headers(), "webhook-id": job.uuid.hex}
        return body, self._signed(headers, body, timestamp=timestamp)

    def bundled(self, jobs: Sequence[Job], *, timestamp: int) -> tuple[bytes, dict[str, str]]:
        """Body and headers of one try of several deliveries; what is signed is all of it."""
        body = bundle.write([bundle.Part(job.body(), job.headers()) for job in jobs])
        headers = {"Content-Type": bundle.TYPE, "webhook-id": uuid4().hex}
        return body, self._signed(headers, body, timestamp=timestamp)

    def _signed(self, headers: dict[str, str], body: bytes, *, timestamp: int) -> dict[str, str]:
        headers["Accept-Encoding"] = "identity"
        headers["webhook-timestamp"] = str(timestamp)
        if self.secret:
            headers["X-Whisperer-Signature"] = signatures.whisperer(self.secret, body)
            headers["webhook-signature"] = signatures.standard(
                self.keys, message_id=headers["webhook-id"], timestamp=timestamp, body=body
            )
        if self.basic:
            headers["Authorization"] = self.basic
        for name, value in self.headers:
            headers[name] = value
        return headers


class HookRow(NamedTuple):
    """A hook as the HOOKS statement answers it; secrets and credentials sealed."""

    hook_id: int
    target_url: str
    event_type: str
    secret: str | None
    previous_secret: str | None
    countdown: Any
    headers: Mapping[str, Any] | None
    config: Mapping[str, Any] | None
    modified_at: datetime
    earlier_secrets: Sequence[str] = ()


class Directory:
    """The active hooks and their endpoints; endpoints keep their state over reloads.

    :param concurrency: posts under way per endpoint. :param rate: posts a second per endpoint, 0 = no cap; a hook's
        `config.rate_per_second` lowers it.
    """

    def __init__(self, *, concurrency: int, rate: float) -> None:
        self.concurrency, self.rate = concurrency, rate
        self.targets: dict[int, Target] = {}
        self.endpoints: dict[str, Endpoint[list[Job]]] = {}
        self._rows: dict[int, HookRow] = {}
        self.loaded_at = 0.0

    def load(self, rows: Sequence[HookRow]) -> list[tuple[int, str]]:
        """Takes the active hooks; answers those that can't be used, with the reason, each once."""
        broken: list[tuple[int, str]] = []
        fresh: dict[int, Target] = {}
        for row in rows:
            if self._rows.get(row.hook_id) == row:
                if row.hook_id in self.targets:
                    fresh[row.hook_id] = self.targets[row.hook_id]
                continue
            try:
                fresh[row.hook_id] = self._target(row)
            except (Refusal, ValueError, KeyError, TypeError) as error:
                broken.append((row.hook_id, str(error)))
        self.targets = fresh
        self._rows = {row.hook_id: row for row in rows}
        self._set_rates()
        self.loaded_at = time.monotonic()
        return broken

    def _set_rates(self) -> None:
        asked: dict[str, list[float]] = {}
        for target in self.targets.values():
            asked.setdefault(target.endpoint.origin, [self.rate]).append(target.rate)
        for origin, rates in asked.items():
            self.endpoints[origin].rate = min((rate for rate in rates if rate), default=0.0)

    def _target(self, row: HookRow) -> Target:
        headers, config = hook_secrets.opened(row.headers or {}, row.config or {})
        guard.split(row.target_url)
        url = URL(row.target_url)
        secrets = [
            vault.open(text) for text in (row.secret, row.previous_secret, *row.earlier_secrets) if text
        ]
        return Target(
            hook_id=row.hook_id,
            url=url,
            endpoint=self._endpoint(str(url.origin())),
            secret=secrets[0] if row.secret and secrets else "",
            keys=tuple(signatures.key_of(secret) for secret in secrets),
            countdown=parse_countdown(row.countdown),
            basic=_basic(config),
            headers=tuple(
                (str(name), str(value))
                for name, value in headers.items()
                if str(name).lower() not in PROTECTED
            ),
            collapse=config.get("collapse") is True,
            rate=float(config.get("rate_per_second") or 0),
            known=row.modified_at,
        )

    def _endpoint(self, origin: str) -> Endpoint[list[Job]]:
        if origin not in self.endpoints:
            self.endpoints[origin] = Endpoint(
                origin=origin, number=len(self.endpoints), most=self.concurrency
            )
        return self.endpoints[origin]


def _basic(config: Mapping[str, Any]) -> str:
    auth = config.get("auth")
    if not isinstance(auth, Mapping) or auth.get("auth_type") != "basic":
        return ""
    pair = f"{auth.get('username', '')}:{auth.get('password', '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()

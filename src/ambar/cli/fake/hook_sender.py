"""Hooks of a fake: what happens in its world is told to whoever subscribed, signed as the real systems sign, and goes wrong as told.

Messages to one address go one after the other; one that is refused or not answered is sent again, byte for byte, with the same uuid.
Source: `contracts/seller-center-to-oms/order.created.json`; `docs/decisions/0048-contract-kit.md`.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import orjson
from aiohttp import web

from ambar.cli.fake.faults import Hit, Injector
from ambar.kit import clock
from ambar.kit.ids import uuid7

TRIES = 5
PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 10
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who is told where; `secret` "" for unsigned messages."""

    url: str
    secret: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Subscribed = Callable[[str], Sequence[Subscription]]
"""Event type → who listens to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event for one subscriber; what is sent never changes but for the time stamp of its signature."""

    uuid: UUID
    type: str
    aggregate: str
    sequence: int
    body: bytes
    to: Subscription

    def headers(self, *, timestamp: int) -> dict[str, str]:
        """Headers of one try."""
        found = {
            "Content-Type": "application/json",
            "X-Whisperer-Event": self.type,
            "X-Ambar-Sequence": str(self.sequence),
            "X-Ambar-Aggregate": self.aggregate,
            "webhook-id": self.uuid.hex,
            "webhook-timestamp": str(timestamp),
        }
        if self.to.secret:
            found |= signed(self.to.secret, self.body, uuid=self.uuid.hex, timestamp=timestamp)
        return {**found, **self.to.headers}


def signed(secret: str, body: bytes, *, uuid: str, timestamp: int) -> dict[str, str]:
    """Both signatures. Written here once more and not taken from the real sender, so that a mistake there can't agree with itself."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    over = f"{uuid}.{timestamp}.".encode() + body
    return {
        "X-Whisperer-Signature": "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex(),
        "webhook-signature": "v1," + base64.b64encode(hmac.digest(key, over, "sha256")).decode(),
    }


class Sender:
    """Tells subscribers, and keeps what it told (`sent`, the newest thousand)."""

    def __init__(self, subscribed: Subscribed, injector: Injector) -> None:
        self.subscribed, self.injector = subscribed, injector
        self.sent: deque[dict[str, Any]] = deque(maxlen=MOST_KEPT)
        self._sequences: dict[str, int] = {}
        self._queues: dict[str, asyncio.Queue[Message]] = {}
        self._held: dict[str, Message] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """Sends while the application runs."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as self._session:
            yield
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._session = None

    def tell(self, type_: str, kind: str, record: Mapping[str, Any]) -> None:
        """Something happened to a record; to be called in the loop of the application."""
        aggregate = f"{kind}:{record['id']}"
        self._sequences[aggregate] = sequence = self._sequences.get(aggregate, 0) + 1
        uuid = uuid7(clock.now())
        body = orjson.dumps({"event": {"type": type_, "uuid": uuid.hex}, "payload": record})
        for one in self.subscribed(type_):
            self._put(
                Message(uuid=uuid, type=type_, aggregate=aggregate, sequence=sequence, body=body, to=one)
            )

    def _put(self, message: Message) -> None:
        url = message.to.url
        if url not in self._queues:
            self._queues[url] = asyncio.Queue()
            self._begin(self._sending(self._queues[url]))
        self._queues[url].put_nowait(message)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sending(self, queue: asyncio.Queue[Message]) -> None:
        while True:
            message = await queue.get()
            hit = self.injector.choose("HOOK", message.to.url)
            if hit is not None and hit.rule.fault == "reorder" and message.to.url not in self._held:
                self._hold(message, hit)
                continue
            # One that is to be overtaken while another waits is the next one of that, and goes before it.
            await self._send(message, hit)
            held = self._held.pop(message.to.url, None)
            if held is not None:
                await self._send(held, None, fault="reorder")

    def _hold(self, message: Message, hit: Hit) -> None:
        """Let the next message to this address overtake, for so many seconds."""
        self._held[message.to.url] = message
        self._begin(self._send_held(message, hit.rule.seconds))

    async def _send_held(self, message: Message, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._held.get(message.to.url) is message:
            del self._held[message.to.url]
            await self._send(message, None, fault="reorder")

    async def _send(self, message: Message, hit: Hit | None, *, fault: str = "") -> None:
        fault = fault or (hit.rule.fault if hit is not None else "")
        row: dict[str, Any] = {"type": message.type, "uuid": message.uuid.hex, "aggregate": message.aggregate, "sequence": message.sequence,
               "url": message.to.url, "fault": fault, "tries": 0, "status": None}  # fmt: skip
        self.sent.append(row)
        if fault == "drop":
            return
        if fault == "delay" and hit is not None:
            await asyncio.sleep(hit.rule.seconds)
        if fault in ("duplicate", "swallow"):
            # Of a swallowed answer nothing is known, so the message goes out again.
            await self._post(message, row)
        while row["tries"] < TRIES:
            await self._post(message, row)
            if row["status"] is not None and 200 <= row["status"] < 300:
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def _post(self, message: Message, row: dict[str, Any]) -> None:
        assert self._session is not None
        row["tries"] += 1
        headers = message.headers(timestamp=int(time.time()))
        try:
            async with self._session.post(
                message.to.url, data=message.body, headers=headers, allow_redirects=False
            ) as answer:
                row["status"] = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            row["status"] = None

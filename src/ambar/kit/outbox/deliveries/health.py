"""What all workers and the screens know of ill endpoints: one row each, written when a breaker opens, probes or closes."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import structlog

from ambar.kit.outbox.deliveries import statements
from ambar.kit.outbox.deliveries.endpoints import Endpoint
from ambar.kit.outbox.deliveries.targets import Directory, Job
from ambar.kit.outbox.domain.breaker import LONGEST_ASKED_SECONDS
from ambar.kit.outbox.domain.verdicts import Answer

log = structlog.get_logger("ambar.deliveries")

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class Health:
    """Collects what changed and writes it beside the next acknowledgement."""

    def __init__(self, directory: Directory, *, pause_after_seconds: float, channel: str) -> None:
        self.directory = directory
        self.channel = channel
        self.pause_after_seconds = pause_after_seconds
        self._ill: dict[str, tuple[int, str]] = {}
        self._well: set[str] = set()
        self._waits: dict[str, float] = {}

    def asked_to_wait(self, endpoint: Endpoint[list[Job]], seconds: float, now: float) -> None:
        """Noted for every process that delivers: the endpoint wants to be left alone."""
        self._waits[endpoint.origin] = max(self._waits.get(endpoint.origin, 0.0), now + seconds)

    def ill(self, endpoint: Endpoint[list[Job]], answer: Answer) -> None:
        """Noted once the breaker has tripped, and again with every probe that fails."""
        if endpoint.breaker.tripped:
            endpoint.known_ill = True
            self._well.discard(endpoint.origin)
            self._ill[endpoint.origin] = answer.status, answer.error or f"HTTP {answer.status}"

    def well(self, endpoint: Endpoint[list[Job]]) -> None:
        """Noted when it was known to be ill."""
        if endpoint.known_ill:
            endpoint.known_ill = endpoint.paused = False
            self._ill.pop(endpoint.origin, None)
            self._well.add(endpoint.origin)

    async def load(self, connection: Connection) -> None:
        """Takes over what other workers and people wrote."""
        rows = await (await connection.execute(statements.HEALTH)).fetchall()
        known = {origin: (paused, asked or 0.0) for origin, paused, asked in rows}
        waits = dict(await (await connection.execute(statements.WAITS)).fetchall())
        now = time.monotonic()
        for origin, endpoint in self.directory.endpoints.items():
            if origin in waits:
                endpoint.wait(min(waits[origin], LONGEST_ASKED_SECONDS), now)
            if origin not in self._ill and origin not in self._well:
                endpoint.take_health(known.get(origin), now)

    async def write(self, connection: Connection) -> bool:
        """Writes what changed; True when an endpoint got well, so that what waited for it is due now."""
        if self._waits:
            await self._write_waits(connection)
        if not self._ill and not self._well:
            return False
        ill, well = dict(self._ill), set(self._well)
        if ill:
            await self._write_ill(connection, ill)
        if well:
            hooks = [
                hook_id
                for hook_id, target in self.directory.targets.items()
                if target.endpoint.origin in well
            ]
            await connection.execute(statements.WELL, {"origins": sorted(well), "hooks": hooks})
            log.info("endpoints answer again", endpoints=sorted(well))
        for origin, told in ill.items():
            if self._ill.get(origin) == told:
                del self._ill[origin]
        self._well -= well
        return bool(well)

    async def _write_waits(self, connection: Connection) -> None:
        waits, now = dict(self._waits), time.monotonic()
        columns = {"origins": sorted(waits), "seconds": [waits[origin] - now for origin in sorted(waits)]}
        await connection.execute(statements.WAIT, {**columns, "channel": self.channel})
        self._waits = {origin: at for origin, at in self._waits.items() if waits.get(origin) != at}

    async def _write_ill(self, connection: Connection, ill: dict[str, tuple[int, str]]) -> None:
        now = time.monotonic()
        breakers = [self.directory.endpoints[origin].breaker for origin in ill]
        cursor = await connection.execute(
            statements.ILL,
            {
                "origins": list(ill),
                "failures": [min(one.failures, 2**31 - 1) for one in breakers],
                "statuses": [status for status, _ in ill.values()],
                "errors": [error for _, error in ill.values()],
                "pauses": [max(0.0, one.open_until - now) for one in breakers],
                "pause_after": self.pause_after_seconds,
            },
        )
        for origin, just_paused in await cursor.fetchall():
            if just_paused:
                log.error("endpoint paused: it has failed for too long", endpoint=origin)
                self.directory.endpoints[origin].paused = True

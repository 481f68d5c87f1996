"""Deliveries: an aiohttp session that connects only to judged addresses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import aiohttp
from aiohttp.abc import ResolveResult

from . import guard


class GuardedConnector(aiohttp.TCPConnector):
    """Resolves and judges names itself, literal addresses included."""

    async def _resolve_host(
        self, host: str, port: int, traces: Sequence[Any] | None = None
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, guard.addresses, host, port)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]


def session(
    *, total_seconds: float = 10.0, connect_seconds: float = 3.0, connections: int = 200, per_host: int = 0
) -> aiohttp.ClientSession:
    """A session for one event loop; call within it. Total time-out; no cookies, no proxies.

    Pass `allow_redirects=False` with each request: a redirect is a failure. A refused address raises
    :class:`~ambar.kit.http.guard.AddressRefused`.
    """
    return aiohttp.ClientSession(
        connector=GuardedConnector(limit=connections, limit_per_host=per_host),
        timeout=aiohttp.ClientTimeout(total=total_seconds, connect=connect_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        raise_for_status=False,
    )

"""One POST and what came of it."""

from __future__ import annotations

import asyncio
import ssl
import time

import aiohttp

from ambar.kit import clock
from ambar.kit.http import AddressRefused
from ambar.kit.outbox.deliveries.targets import Job
from ambar.kit.outbox.domain.verdicts import Answer, retry_after_seconds

TOTAL_SECONDS = 10.0
BODY_SECONDS = 1.0
KEPT_BYTES = 2048

_TIMEOUT = aiohttp.ClientTimeout(total=TOTAL_SECONDS)


async def post(session: aiohttp.ClientSession, job: Job) -> Answer:
    """Sends one delivery; never raises for what the other side does.

    A redirect is not followed. At most two kilobytes of the answer are read, within a second.
    """
    body, headers = job.target.request(job, timestamp=int(clock.now().timestamp()))
    begun = time.monotonic()
    status, error, kept, wait = 0, "", b"", None
    try:
        async with session.post(
            job.target.url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        ) as response:
            status = response.status
            if status in (429, 503) or status >= 300:
                wait = retry_after_seconds(response.headers.get("Retry-After"), now=clock.now())
            if response.headers.get("Content-Length") != "0" and status != 204:
                kept = await _beginning(response)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AddressRefused) as failure:
        error = _kind(failure)
    took = int((time.monotonic() - begun) * 1000)
    text = kept.decode("utf-8", "replace").replace("\x00", "�")
    return Answer(status=status, error="" if status else error, body=text, took_ms=took, retry_after=wait)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    content = response.content
    if response.content_length is not None and response.content_length <= KEPT_BYTES and content.is_eof():
        return await content.read(-1)
    kept = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while len(kept) < KEPT_BYTES and not content.at_eof():
                kept += await content.read(KEPT_BYTES - len(kept))
    except (TimeoutError, aiohttp.ClientError):
        pass
    if not content.at_eof():
        response.close()
    return kept


def _kind(failure: BaseException) -> str:
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return f"refused_address: {cause}"[:200]
        cause = cause.__cause__ or cause.__context__
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(failure, aiohttp.ClientConnectorDNSError):
        return "dns"
    if isinstance(failure, (aiohttp.ClientSSLError, ssl.SSLError)):
        return "tls"
    return "connection"

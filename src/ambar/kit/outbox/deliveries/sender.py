"""One POST and what came of it: of one delivery, or of several to one hook whose receiver takes bundles."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from ambar.kit import clock
from ambar.kit.http import AddressRefused, bundle
from ambar.kit.outbox.deliveries.targets import Job
from ambar.kit.outbox.domain.verdicts import Answer, retry_after_seconds

TOTAL_SECONDS = 10.0
BODY_SECONDS = 1.0
KEPT_BYTES = 2048
NOT_TAKEN = frozenset({400, 404, 405, 413, 415})
"""What may be said of a bundle where each of its events would be taken alone."""

_TIMEOUT = aiohttp.ClientTimeout(total=TOTAL_SECONDS, ceil_threshold=2 * TOTAL_SECONDS)
"""The deadline as it is: the client would round one of more than five seconds up to a whole second of its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of one POST; `takes_bundles`: that its receiver says so."""

    status: int
    error: str
    kept: bytes
    took_ms: int
    retry_after: float | None
    takes_bundles: bool = False

    def answer(self) -> Answer:
        text = self.kept[:KEPT_BYTES].decode("utf-8", "replace").replace("\x00", "�")
        return Answer(
            status=self.status,
            error=self.error,
            body=text,
            took_ms=self.took_ms,
            retry_after=self.retry_after,
        )


async def post(session: aiohttp.ClientSession, job: Job) -> Answer:
    """Sends one delivery; never raises for what the other side does.

    A redirect is not followed. At most two kilobytes of the answer are read, within a second.
    """
    return (await say(session, job)).answer()


async def say(session: aiohttp.ClientSession, job: Job) -> Said:
    """As `post`, with what the answer says of bundles."""
    body, headers = job.target.request(job, timestamp=int(clock.now().timestamp()))
    return await _exchange(session, job, body, headers, most=KEPT_BYTES)


async def post_together(session: aiohttp.ClientSession, jobs: Sequence[Job]) -> list[Answer] | None:
    """Sends deliveries to one hook in one call, whose receiver answers each; `None` when it does not take bundles after all.

    What speaks against the call as a whole (no answer, who calls, too much at once) is said of each of them.
    """
    target = jobs[0].target
    body, headers = target.bundled(jobs, timestamp=int(clock.now().timestamp()))
    said = await _exchange(session, jobs[0], body, headers, most=(KEPT_BYTES + 100) * len(jobs))
    told = bundle.read_answers(said.kept, calls=len(jobs)) if said.status == 200 else None
    if told is not None:
        return [
            Said(
                status=one.status,
                error="",
                kept=one.body.encode("utf-8", "replace"),
                took_ms=said.took_ms,
                retry_after=retry_after_seconds(one.retry_after, now=clock.now()),
            ).answer()
            for one in told
        ]
    if 200 <= said.status < 300 or said.status in NOT_TAKEN:
        return None
    return [said.answer()] * len(jobs)


async def _exchange(
    session: aiohttp.ClientSession, job: Job, body: bytes, headers: dict[str, str], *, most: int
) -> Said:
    begun = time.monotonic()
    status, error, kept, wait, takes = 0, "", b"", None, False
    try:
        async with session.post(
            job.target.url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        ) as response:
            status = response.status
            takes = bundle.TYPE in response.headers.get(bundle.ACCEPT, "")
            if status in (429, 503) or status >= 300:
                wait = retry_after_seconds(response.headers.get("Retry-After"), now=clock.now())
            if response.headers.get("Content-Length") != "0" and status != 204:
                kept = await _beginning(response, most)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AddressRefused) as failure:
        error = _kind(failure)
    took = int((time.monotonic() - begun) * 1000)
    error = "" if status else error
    return Said(
        status=status, error=error, kept=kept, took_ms=took, retry_after=wait, takes_bundles=takes
    )  # fmt: skip


async def _beginning(response: aiohttp.ClientResponse, most: int) -> bytes:
    content = response.content
    if response.content_length is not None and response.content_length <= most and content.is_eof():
        return await content.read(-1)
    kept = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while len(kept) < most and not content.at_eof():
                kept += await content.read(most - len(kept))
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

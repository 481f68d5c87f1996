"""Deliveries to a hook whose receiver takes bundles: who comes while a call is under way rides along with the next.

Nobody waits for company: who comes alone is sent alone, as to any other receiver. Each delivery is judged by the answer it is
given itself. Source: our decision, `docs/decisions/0113-events-in-bundles.md`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import aiohttp

from ambar.kit.http import bundle
from ambar.kit.outbox.deliveries.endpoints import Endpoint
from ambar.kit.outbox.deliveries.sender import post_together, say
from ambar.kit.outbox.deliveries.targets import Job, Line
from ambar.kit.outbox.domain.verdicts import Answer

TOGETHER = 40
"""Deliveries in a bundle at most; a receiver takes more (`bundle.MOST`), but what a call costs besides them is hardly felt from here on, and
larger ones are held whole, three times over, by both sides.
"""
ALONE_SECONDS = 60.0
"""So long nothing is bundled for a receiver that refused a bundle: something on the way may not let it through."""

Spawn = Callable[[Coroutine[Any, Any, None]], object]


def next_lanes(endpoint: Endpoint[list[Job]]) -> list[list[Job]]:
    """The next lane to be sent to an endpoint that has one, and with it as many as ride in bundles: a place under the endpoint's share is one
    for a call, not for each event in it. Where an endpoint is not quite well, or has a rate, each has a place of its own.
    """
    lanes = [endpoint.lanes.popleft()]
    if endpoint.rate or endpoint.share < endpoint.most or endpoint.breaker.failures:
        return lanes
    while endpoint.lanes and len(lanes) < TOGETHER and _rides(lanes[-1][0]) and _rides(endpoint.lanes[0][0]):
        lanes.append(endpoint.lanes.popleft())
    return lanes


def _rides(job: Job) -> bool:
    """Whether it is sent with others: its receiver takes bundles, and it has not failed before, for it may be what failed a whole one."""
    return job.target.line.takes and not job.attempts


async def send(session: aiohttp.ClientSession, job: Job, *, spawn: Spawn) -> Answer | None:
    """What this delivery was answered; `None` when its time was over before it could be begun.

    :param spawn: starts the task that sends what waits.
    """
    if not _rides(job):
        return await _alone(session, job)
    line = job.target.line
    told: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
    line.waiting.append((job, told))
    if not line.led:
        line.led = True
        spawn(_lead(session, line))
    return await told


async def _lead(session: aiohttp.ClientSession, line: Line) -> None:
    """Sends what waits, a call at a time, until nothing waits."""
    riding: list[tuple[Job, asyncio.Future[Answer | None]]] = []
    answers: Sequence[Answer | None] | None
    try:
        while line.waiting:
            async with line.waiting[0][0].target.endpoint.calls:
                riding = _next(line)
                jobs = [job for job, _ in riding]
                answers = await _together(session, line, jobs) if len(jobs) > 1 and line.takes else None
            if answers is None:
                answers = await asyncio.gather(*(_alone(session, job) for job in jobs))
            for (_, told), answer in zip(riding, answers, strict=True):
                if not told.done():
                    told.set_result(answer)
    except Exception as error:
        _fail([*riding, *line.waiting], error)
        line.waiting.clear()
    finally:
        line.led = False
        for _, told in (*riding, *line.waiting):
            told.cancel()


async def _together(session: aiohttp.ClientSession, line: Line, jobs: list[Job]) -> Sequence[Answer] | None:
    answers = await post_together(session, jobs)
    if answers is None:
        line.takes, line.alone_until = False, time.monotonic() + ALONE_SECONDS
    return answers


async def _alone(session: aiohttp.ClientSession, job: Job) -> Answer | None:
    async with job.target.endpoint.calls:
        if time.monotonic() > job.begin_by:
            return None
        said, line = await say(session, job), job.target.line
    if 200 <= said.status < 300:
        line.takes = said.takes_bundles and time.monotonic() > line.alone_until
    return said.answer()


def _next(line: Line) -> list[tuple[Job, asyncio.Future[Answer | None]]]:
    riding: list[tuple[Job, asyncio.Future[Answer | None]]] = []
    size = 0
    while line.waiting and len(riding) < TOGETHER and size < bundle.LARGEST:
        job, told = line.waiting.popleft()
        if told.done():
            continue
        if time.monotonic() > job.begin_by:
            told.set_result(None)
            continue
        riding.append((job, told))
        size += len(job.payload)
    return riding


def _fail(left: list[tuple[Job, asyncio.Future[Answer | None]]], error: Exception) -> None:
    for _, told in left:
        if not told.done():
            told.set_exception(error)

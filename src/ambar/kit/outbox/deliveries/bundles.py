"""Deliveries to a hook whose receiver takes bundles: who comes while a call is under way rides along with the next.

Nobody waits for company: who comes alone is sent alone, as to any other receiver. Each delivery is judged by the answer it is
given itself. Source: our decision, `docs/decisions/0113-events-in-bundles.md`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp

from ambar.kit.http import bundle
from ambar.kit.outbox.deliveries.sender import post, post_together
from ambar.kit.outbox.deliveries.targets import Job, Line
from ambar.kit.outbox.domain.verdicts import Answer

Spawn = Callable[[Coroutine[Any, Any, None]], object]


async def send(session: aiohttp.ClientSession, job: Job, *, spawn: Spawn) -> Answer | None:
    """What this delivery was answered; `None` when its time was over before it could be begun.

    :param spawn: starts the task that sends what waits.
    """
    line = job.target.line
    if not line.takes or job.attempts:
        # What failed before goes alone: it may be what failed a whole bundle.
        return await post(session, job)
    told: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
    line.waiting.append((job, told))
    if not line.led:
        line.led = True
        spawn(_lead(session, line))
    return await told


async def _lead(session: aiohttp.ClientSession, line: Line) -> None:
    """Sends what waits, a call at a time, until nothing waits."""
    riding: list[tuple[Job, asyncio.Future[Answer | None]]] = []
    try:
        while line.waiting:
            # Those who come in this turn of the loop ride along.
            await asyncio.sleep(0)
            riding = _next(line)
            jobs = [job for job, _ in riding]
            if len(jobs) == 1:
                answers = [await post(session, jobs[0])]
            elif jobs:
                answers = await post_together(session, jobs)
            else:
                answers = []
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


def _next(line: Line) -> list[tuple[Job, asyncio.Future[Answer | None]]]:
    riding: list[tuple[Job, asyncio.Future[Answer | None]]] = []
    size = 0
    while line.waiting and len(riding) < bundle.MOST and size < bundle.LARGEST:
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

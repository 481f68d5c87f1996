"""What comes of a try, as it is written about a delivery."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from ambar.kit import clock
from ambar.kit.outbox.deliveries.targets import Job
from ambar.kit.outbox.domain.countdown import wait_seconds
from ambar.kit.outbox.domain.verdicts import Answer, Verdict
from ambar.kit.outbox.events import ATTEMPTS

PENDING, DELIVERED, PARKED, SUPERSEDED = 0, 1, 2, 3


@dataclass(slots=True)
class Result:
    """What is to be written about one delivery; `at` None means it was not tried. `known`: as in `Target`."""

    id: int
    state: int
    number: int
    wait: float
    known: datetime
    status: int = 0
    error: str = ""
    took_ms: int = 0
    response: str = ""
    at: datetime | None = None


def judged(job: Job, answer: Answer, *, later_seconds: float) -> Result:
    """One try that was made: delivered, to be tried again, or the last one."""
    number = job.attempts + 1
    verdict = answer.verdict
    error = answer.error or ("" if verdict is Verdict.DELIVERED else f"HTTP {answer.status}")
    state, wait = DELIVERED, 0.0
    if verdict is Verdict.GONE:
        state = PENDING
    elif verdict is Verdict.RETRY:
        state = PARKED if number >= job.attempt_limit else PENDING
        # Tries before a person freed the lane do not count.
        attempt = max(1, number - (job.attempt_limit - ATTEMPTS))
        wait = wait_seconds(
            job.target.countdown, attempt=attempt, roll=random.random(), later_seconds=later_seconds
        )
        wait = max(wait, answer.retry_after or 0.0)
    return Result(
        id=job.id, state=state, number=number, wait=wait, known=job.target.known, status=answer.status,
        error=error, took_ms=answer.took_ms, response=answer.body, at=clock.now(),
    )  # fmt: skip


def untried(job: Job, *, state: int, wait: float, reason: str = "") -> Result:
    """A claimed delivery that was not sent, or whose try does not count: it keeps its count of tries."""
    if state == PARKED:
        reason = "an earlier event of this lane is parked"
    elif state == SUPERSEDED:
        reason = "a newer event of the same record was delivered instead"
    return Result(
        id=job.id, state=state, number=job.attempts, wait=wait, known=job.target.known, error=reason
    )

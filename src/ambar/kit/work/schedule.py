"""Handing the registered jobs to Procrastinate."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import TaskAlreadyRegistered

from . import registry
from .registry import Job

MINUTE, HOUR, DAY = 60, 3600, 86_400


def cron(every: int) -> str:
    """The cron line (six columns when seconds matter) of a period.

    :raises ValueError: the period divides neither a minute, an hour nor a day.
    """
    if 0 < every < MINUTE and MINUTE % every == 0:
        return f"* * * * * */{every}"
    if MINUTE <= every < HOUR and every % MINUTE == 0 and HOUR % every == 0:
        return f"*/{every // MINUTE} * * * *"
    if HOUR <= every < DAY and every % HOUR == 0 and DAY % every == 0:
        return f"0 */{every // HOUR} * * *"
    if every == DAY:
        return "20 3 * * *"
    raise ValueError(f"{every} seconds divide neither a minute, an hour nor a day")


def bind_jobs() -> None:
    """Gives Procrastinate every job registered so far and, from now on, each new one."""
    for job in registry.jobs().values():
        _bind(job)
    if _bind not in registry._on_job:
        registry._on_job.append(_bind)


def _bind(job: Job) -> None:
    def run(timestamp: int | None = None, **arguments: Any) -> None:
        job.run(**arguments)

    options: dict[str, Any] = {"name": job.name}
    if job.retries:
        options["retry"] = job.retries
    if job.every is not None:
        # A slow round never piles up: one waiting and one running at most.
        options.update(queueing_lock=job.name, lock=job.name)
    try:
        task = app.task(**options)(run)
    except TaskAlreadyRegistered:
        return
    if job.every is not None:
        app.periodic(cron=cron(job.every), periodic_id=job.name)(task)

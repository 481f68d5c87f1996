"""Jobs that ended with their worker: a killed process leaves them "doing", and their lock closed to all that come after.

A periodic job is given up, for it comes again by itself; any other is due again, unless it has taken its worker with it
time and again. Source: Procrastinate, "Retry stalled jobs".
"""

from __future__ import annotations

import asyncio

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

log = structlog.get_logger("ambar.work")

SIGN_SECONDS = 5.0
"""A worker gives a sign so often."""
STALLED_SECONDS = 15.0
"""Without a sign for this long it is taken for dead."""
LOOK_SECONDS = 5.0
MOST_ATTEMPTS = 5


async def put_back_forever(app: App) -> None:
    """Looks every few seconds until it is cancelled or the database is lost."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await _put_back(app, job)
        await asyncio.sleep(LOOK_SECONDS)


async def _put_back(app: App, job: Job) -> None:
    again = job.queueing_lock is None and job.attempts < MOST_ATTEMPTS
    try:
        if again:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    except ConnectorException as error:
        if "Job was not found" not in str(error.__cause__):
            raise
        return  # another worker was faster
    log.warning("stalled_job", job=job.id, task=job.task_name, attempts=job.attempts, again=again)

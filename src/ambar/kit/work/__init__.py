"""Background work: named jobs (Procrastinate) and hot loops that drain due rows in sets.

Rooms register theirs in `jobs.py`, imported from `AppConfig.ready()`; the process
`python -m ambar.<system> work` runs them. Everything survives a restart of the database.
"""

from __future__ import annotations

from .registry import Job, Loop, drain_all, job, jobs, loop, loops, run_loop, thread, threads
from .signals import CHANNEL, defer, tell_here, wake

__all__ = [
    "CHANNEL", "Job", "Loop", "defer", "drain_all", "job", "jobs", "loop", "loops", "run_loop", "tell_here", "thread", "threads", "wake",
]  # fmt: skip

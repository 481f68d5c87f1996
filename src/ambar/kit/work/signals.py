"""Telling the worker: a wake-up for a loop, a job for later. Both belong to the caller's transaction."""

from __future__ import annotations

from typing import Any

from .. import prepared

CHANNEL = "ambar_work"


def wake(name: str) -> None:
    """Makes the loop `name` look at once, when the current transaction commits (now, outside of one)."""
    with prepared.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, name])


def defer(name: str, **arguments: Any) -> int:
    """Enqueues the job `name` in the current transaction and returns its id.

    :raises KeyError: no job of this name.
    """
    from procrastinate.contrib.django import app

    from .registry import jobs

    if name not in jobs():
        raise KeyError(f"no job is called {name}")
    return app.configure_task(name).defer(**arguments)

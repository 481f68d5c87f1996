"""Telling the worker: a wake-up for a loop, a job for later. Both belong to the caller's transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.db import transaction

from .. import prepared

CHANNEL = "ambar_work"

_here: dict[str, list[Callable[[], None]]] = {}
"""Loop → how to tell those that drain it in this process."""
_changing = threading.Lock()


def wake(name: str) -> None:
    """Makes the loop `name` look at once, when the current transaction commits (now, outside of one).

    Where this process drains it, it is told directly, and nobody else: PostgreSQL lets only one notifying transaction
    commit at a time, the wait for the disk included. Workers elsewhere look by themselves when they are idle.
    """
    if _here.get(name):
        transaction.on_commit(partial(tell_here, name))
        return
    with prepared.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, name])


def tell_here(name: str) -> bool:
    """Makes the loop look now where this process drains it; whether it does. For what is committed already."""
    known = _here.get(name, ())
    for tell in known:
        # An event loop that has just ended: its rows are found by the next one.
        with suppress(RuntimeError):
            tell()
    return bool(known)


@contextmanager
def told_here(name: str, tell: Callable[[], None]) -> Iterator[None]:
    """As long as the block runs, this process drains the loop `name`; `tell` must be quick and safe from any thread."""
    with _changing:
        _here[name] = [*_here.get(name, ()), tell]
    try:
        yield
    finally:
        with _changing:
            _here[name] = [one for one in _here[name] if one is not tell]


def defer(name: str, **arguments: Any) -> int:
    """Enqueues the job `name` in the current transaction and returns its id.

    :raises KeyError: no job of this name.
    """
    from procrastinate.contrib.django import app

    from .registry import jobs

    if name not in jobs():
        raise KeyError(f"no job is called {name}")
    return app.configure_task(name).defer(**arguments)

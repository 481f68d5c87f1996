"""The pool of database connections: cheap checks while all is well, quick recovery after the database was away."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg_pool import ConnectionPool, PoolTimeout

from .prepared import count_nothing, plan_once

TRUSTED_SECONDS = 5.0
"""A connection handed out this recently is asked only whether its socket is quiet."""


CONFLICTS = frozenset({"40001", "40P01", "55P03"})
"""What PostgreSQL says when transactions stood in each other's way: the database is there, and a repetition succeeds."""


def reason(error: BaseException) -> dict[str, str]:
    """What a log tells of an error of the database: the driver's own class, PostgreSQL's state, the first line it said.

    Django wraps the driver's errors, so that a wait for a connection in vain looks like a server that is gone. How long was
    waited stands in the first line ("couldn't get a connection after 2.00 sec").
    """
    cause = _driver_s(error)
    lines = str(cause).strip().splitlines()
    told = {"error": type(cause).__name__, "said": lines[0][:200] if lines else ""}
    state = getattr(cause, "sqlstate", None)
    return {**told, "sqlstate": state} if state else told


def is_conflict(error: BaseException) -> bool:
    """Whether it was no want of the database: a deadlock, a lock not had in time, transactions in each other's way."""
    return getattr(_driver_s(error), "sqlstate", None) in CONFLICTS


def waited_in_vain(error: BaseException) -> bool:
    """Whether no connection of this process became free in time."""
    return isinstance(_driver_s(error), PoolTimeout)


def _driver_s(error: BaseException) -> BaseException:
    return error.__cause__ if isinstance(error.__cause__, psycopg.Error) else error


def discard_dead() -> None:
    """Replaces every idle connection of this process that no longer works.

    Without this each request after a restart of the database finds one dead connection, and the pool
    waits longer and longer before it looks at the next one.
    """
    pool = getattr(connection, "pool", None)
    if pool is not None:
        with suppress(Exception):  # the database may be gone again; the next call finds out
            pool.check()


def forget_idle() -> None:
    """Closes every idle connection of this process without asking the server, which is known to be gone.

    Whoever is handed one dead connection after the other sleeps longer each time; with none left, it joins those who wait.
    """
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.drain()


def refuse_waiting() -> int:
    """Tells everybody who waits for a connection of this process that none will come; how many were told.

    The pool alone lets each of them wait its whole time out, and the threads they hold answer nothing else meanwhile.
    It has no public way to tell them. What is used here is what it does itself when it is closed: `fail` is safe beside a
    connection that arrives at the same moment (one of the two counts), and who was told may stay in the queue, for a
    connection passes it by. Were these names to change, everybody would wait as before, and `test_pool.py` say so.
    """
    pool = getattr(connection, "pool", None)
    # A copy made in one step: callers come and go meanwhile.
    waiting = list(getattr(pool, "_waiting", ()))
    return sum(
        one.fail(PoolTimeout("the database does not answer")) for one in waiting if hasattr(one, "fail")
    )


_suspect: Callable[[], None] = lambda: None  # noqa: E731


def check_lightly(*, suspect: Callable[[], None]) -> None:
    """Lets the pool ask the server only where it may be gone, instead of `select 1` at every hand-out.

    :param suspect: told, in the thread that found out, when a connection turns out to be dead.
    """
    global _suspect
    _suspect = suspect
    for pool in DatabaseWrapper._connection_pools.values():  # type: ignore[attr-defined]
        if pool._check is not check:
            pool._check = check


def check(used: Any) -> None:
    """Checks a connection that is about to be handed out.

    A server that ended, however it ended, closes its sockets, and a closed socket is readable: then, and after a
    long pause, the server itself is asked.

    :raises psycopg.OperationalError: the connection does not work; the pool makes another.
    """
    count_nothing(used)
    now = time.monotonic()
    trusted = now - getattr(used, "ambar_used_at", 0.0) < TRUSTED_SECONDS
    used.ambar_used_at = now
    if trusted and not _has_something_to_say(used):
        return
    try:
        ConnectionPool.check_connection(used)
        if used.autocommit:
            plan_once(used)
    except psycopg.Error:
        _suspect()
        raise


def _has_something_to_say(used: Any) -> bool:
    try:
        poll = select.poll()
        poll.register(used.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError, psycopg.Error):
        return True  # its socket is gone: the server is asked, and says so

"""The pool of database connections after the database was away."""

from __future__ import annotations

from contextlib import suppress

from django.db import connection


def discard_dead() -> None:
    """Replaces every idle connection of this process that no longer works.

    Without this each request after a restart of the database finds one dead connection, and the pool
    waits longer and longer before it looks at the next one.
    """
    pool = getattr(connection, "pool", None)
    if pool is not None:
        with suppress(Exception):  # the database may be gone again; the next call finds out
            pool.check()

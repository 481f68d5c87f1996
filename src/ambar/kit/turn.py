"""One process at a time: a lock of the database session, gone at once with the process or the connection that held it.

A lease with a time in it keeps everybody waiting until it ends after a kill or a restart of the database; this does not.
For work that is safe to begin again, because a connection cut off may still have a reader on this side.
Source: PostgreSQL, "Advisory Locks".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error

from . import prepared


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """True inside the block for one holder of `name` per database; False, without waiting, for everybody else."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with prepared.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s::bigint)", [number])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with suppress(Error), prepared.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s::bigint)", [number])

"""Tables that autovacuum leaves alone for a while: pages are counted, and plans looked at, as a test left them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def unswept(*tables: str) -> Iterator[None]:
    """While the block runs no vacuum and no analyze but the block's own sees these tables, whenever the server has time for them."""

    def each(change: str) -> None:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"alter table {table} {change}")

    each("set (autovacuum_enabled = false)")
    try:
        yield
    finally:
        each("reset (autovacuum_enabled)")

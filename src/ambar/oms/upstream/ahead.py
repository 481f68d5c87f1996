"""Asking for the next page while the present one is written: upstream and the database work at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from types import TracebackType

from ambar.oms.upstream.domain.paging import Fetched

Fetch = Callable[[datetime, int], Fetched]


class Ahead:
    """`fetch`, with the page that will most likely be asked for next under way already; use as a context manager.

    `limit`: rows of a full page. A page that was asked for ahead and is not wanted is thrown away; what went wrong with
    one that is wanted is raised when it is.
    """

    def __init__(self, fetch: Fetch, *, limit: int) -> None:
        self._fetch, self._limit = fetch, limit
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="next page")
        self._next: tuple[datetime, int, Future[Fetched]] | None = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __call__(self, at: datetime, page: int) -> Fetched:
        waiting, self._next = self._next, None
        under_way = waiting is not None and waiting[:2] == (at, page)
        fetched = waiting[2].result() if waiting is not None and under_way else self._fetch(at, page)
        last = fetched.rows[-1].at if fetched.rows else None
        if len(fetched.rows) >= self._limit and last is not None and last > at:
            self._next = (last, 1, self._pool.submit(self._fetch, last, 1))
        return fetched

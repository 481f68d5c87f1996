"""Where upstream's clock stands when it has gone back behind what was read: there it stamps what is new, and no mark leads there.

Source: `docs/decisions/0124-upstreams-clock-goes-back.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ambar.oms.upstream.domain import paging

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""A clock that says an earlier time says nothing."""
LOOKS = 2
"""So often while the overlap passes."""

Fetch = Callable[[datetime, int], paging.Fetched]


@dataclass(slots=True)
class SetBack:
    """Remembers when it looked last, and what it has seen there."""

    _looked: float | None = None
    _seen: dict[paging.Key, datetime] = field(default_factory=dict)

    def unseen(
        self,
        fetch: Fetch,
        *,
        told: datetime | None,
        mark: datetime | None,
        away: timedelta,
        at: float,
        overlap: timedelta,
        limit: int,
    ) -> Iterator[paging.Page]:
        """Pages of what was stamped since the last look, by a clock that now says `told`; none while that agrees with the mark.

        :param away: how long ago the list was last read, for the first look. :param at: seconds of a clock nobody sets.
        What lies within the overlap before the mark is read anyhow.
        """
        if told is None or mark is None or told < EARLIEST or mark - told <= overlap:
            self._looked = None
            self._seen.clear()
            return
        if self._looked is not None:
            if at - self._looked < overlap.total_seconds() / LOOKS:
                return
            away = timedelta(seconds=at - self._looked)
        start, until = told - max(away, timedelta()) - overlap, told + overlap
        self._seen = {key: seen for key, seen in self._seen.items() if seen >= start}

        def only_there(begin: datetime, page: int) -> paging.Fetched:
            fetched = fetch(begin, page)
            rows = [row for row in fetched.rows if row.at is None or row.at <= until]
            return fetched if len(rows) == len(fetched.rows) else replace(fetched, rows=rows, more=False)

        yield from paging.unseen(only_there, start=start, limit=limit, seen=self._seen)
        self._looked = at

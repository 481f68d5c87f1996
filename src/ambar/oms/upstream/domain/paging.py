"""Reading a growing list page by page without losing or doubling a record.

Rows come sorted by modification time. Pages are cut by that time (keyset): the next page starts at the last time seen
and rows already taken are dropped by their key. When more rows than a page share one time, page numbers are used
within that time, and the time is read again until a whole pass brings nothing new, because rows that change meanwhile
move away and pull others across the page edge.
Neither the list's `count` nor the address of its next page is believed; a lying one costs at most one more question.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of the list: `key` changes with every version, `at` is its modification time if it has one."""

    key: Key
    at: datetime | None
    pk: int | None
    record: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows not seen before."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer. `more`: whether the list says that there is a next page; False also when it says nothing. `waited`: whether it
    was held back until there was something new. `left_out`: known versions (time, id) that belong to it and were not sent."""

    rows: Sequence[Row]
    more: bool = False
    waited: bool = False
    left_out: Sequence[tuple[datetime, int]] = ()

    def furthest(self, *, until: datetime) -> tuple[datetime, int] | None:
        """The latest moment, and the highest id at it, of what was sent or left out, up to `until`."""
        sent = [(row.at, row.pk or 0) for row in self.rows if row.at is not None]
        return max((one for one in [*sent, *self.left_out] if one[0] <= until), default=None)


class NotPaged(Exception):
    """The list answers a page again that it has answered before, whatever is asked: reading on would never end."""


def unseen(
    fetch: Callable[[datetime, int], Fetched], *, start: datetime, limit: int, seen: dict[Key, datetime]
) -> Iterator[Page]:
    """Yield the pages of rows that are not in `seen`, from `start` on. Raises `NotPaged`.

    `fetch(at, page)` answers up to `limit` rows, or fewer where upstream caps its pages, with modification time >= `at`.
    A page's rows enter `seen` only when the next page is asked for, so a caller that fails on a page gets it again
    next time. A list that is not sorted by time is read by page numbers, for its last row says nothing.
    """
    at, page, fresh_in_pass, by_number = start, 1, 0, False
    answered: set[frozenset[Key]] = set()
    while True:
        fetched = fetch(at, page)
        rows, keys = fetched.rows, [row.key for row in fetched.rows]
        if page == 1:
            answered.clear()
        elif keys and frozenset(keys) in answered:
            raise NotPaged
        answered.add(frozenset(keys))
        times = [row.at for row in rows if row.at is not None]
        by_number = by_number or times != sorted(times)
        last = max(times, default=None)
        fresh = _fresh(rows, seen)
        if fresh:
            yield Page(rows=fresh)
            for row in fresh:
                seen[row.key] = row.at or start
        fresh_in_pass += len(fresh)
        ended = not rows or (len(rows) < limit and not fetched.more)
        if not ended and (last is None or last <= at or by_number):
            page += 1
        elif page > 1 and fresh_in_pass:
            page, fresh_in_pass = 1, 0
        elif ended or last is None:
            return
        else:
            at, page, fresh_in_pass = last, 1, 0


def furthest(rows: Sequence[Row], *, until: datetime) -> tuple[datetime, int] | tuple[None, None]:
    """How far these rows lead: the latest moment and the highest id at it, of rows up to `until`.

    A row from the future (a clock that was wrong, a typing error) would put the mark where no other row ever comes.
    """
    moments = [(row.at, row.pk or 0) for row in rows if row.at is not None and row.at <= until]
    return max(moments, default=(None, None))


def _fresh(rows: Sequence[Row], seen: dict[Key, datetime]) -> tuple[Row, ...]:
    """Rows not seen before; one that comes twice on a page counts once."""
    chosen = {row.key: row for row in rows if row.key not in seen}
    return tuple(chosen.values())

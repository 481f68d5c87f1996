"""The only place that reads the time.

Everything inside takes `now` as an argument; the edges (endpoints, jobs) call :func:`now` once.

What is due, late or in time is written by one process and read by another, often on another machine, and some of it by the
database itself. So the time that counts is the database's. :func:`now` gives this machine's clock as long as it agrees with
it, and else goes on from what the database said last, by a clock that nobody can set. Sources: our decisions, times on the wire are
ISO 8601 UTC with `Z` and six decimals, and `docs/decisions/0076-one-time.md`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

AGREE_SECONDS = 0.5
"""A clock of this machine that is no further away from the database's is good enough, and reads more finely."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOOT = getattr(time, "CLOCK_BOOTTIME", None)


def steady() -> float:
    """Seconds that only go forward, also while the machine sleeps where it can tell."""
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


_ahead = time.time() - steady()
"""What to add to `steady` to have seconds since 1970."""


def now() -> datetime:
    """The current moment, aware, in UTC."""
    machine = time.time()
    expected = steady() + _ahead
    return _moment(machine if abs(machine - expected) <= AGREE_SECONDS else expected)


def told(at: datetime, *, asked: float, answered: float) -> float:
    """Takes over the database's time; answers how many seconds this machine's clock is ahead of it.

    :param at: what the database said.
    :param asked: `steady()` before the question. A slow answer says little, so half of what it took is let pass.
    :param answered: `steady()` after it.
    """
    global _ahead
    away = (at - _EPOCH).total_seconds() - (asked + answered) / 2 - _ahead
    if abs(away) > (answered - asked) / 2:
        _ahead += away
    return time.time() - (steady() + _ahead)


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


FIRST_YEAR, LAST_YEAR = 2, 9998
"""In the first and last hours of the calendar it is another year already, or still, in some zone: there nobody could be shown it."""


def within(moment: datetime, *, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> datetime:
    """The moment, whose year in UTC lies between these.

    :raises ValueError: it does not, so that some zone or program could not tell it.
    """
    if not first <= moment.year <= last:
        raise ValueError(f"must lie between the years {first} and {last}")
    return moment


def iso(moment: datetime) -> str:
    """`2026-01-02T03:04:05.123456Z`; a naive moment is a programming error.

    :raises ValueError: `moment` carries no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def iso_sql(moment: str) -> str:
    """SQL of the text `iso` gives of a moment that is SQL itself; null where it is null."""
    return f"""to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def parse(text: str) -> datetime:
    """Reads an ISO 8601 moment (or date) and answers it in UTC; one without a zone is read as UTC.

    :raises ValueError: not a moment.
    """
    if not isinstance(text, str) or len(text) > 64 or len(text) < 10 or text[4:5] != "-":
        raise ValueError("not an ISO 8601 moment")
    # A plus sign that a client forgot to escape in a query arrives as a space.
    cleaned = text.strip()
    if len(cleaned) > 19 and cleaned[-6] == " " and cleaned[-3] == ":":
        cleaned = cleaned[:-6] + "+" + cleaned[-5:]
    moment = datetime.fromisoformat(cleaned)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the moment is out of range") from error

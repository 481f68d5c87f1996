"""The only place that reads the time.

Everything inside takes `now` as an argument; the edges (endpoints, jobs) call :func:`now` once.
Source: our decision, times on the wire are ISO 8601 UTC with `Z` and six decimals.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """`2026-01-02T03:04:05.123456Z`; a naive moment is a programming error.

    :raises ValueError: `moment` carries no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


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

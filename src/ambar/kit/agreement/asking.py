"""What a caller may ask of a side over HTTP: the parameters of digests and rows, read strictly.

Two kinds of places: `day/state/digits` (rows that were made on a day, stand in a state, and whose key's MD5 begins with
these digits; parts may be left out from the end) and `from-to` (a range of ids, `to` not included).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

MOST_PLACES = 200
MOST_ROWS = 10_000
"""Rows in one answer; whoever asks for more is told to narrow the question."""
MOST_DIGESTS = 50_000
"""Digests in one answer: years of days in every state."""
DIGITS = (0, 2, 4, 6)
FIELDS, STATUSES = 1, 2
DEPTHS = (0, FIELDS, STATUSES)
"""How much of a record a mark covers: nothing, what was handed over of it, and how far it has come as well."""
LARGEST_ID = 2**63 - 1
_PLACE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:/(\d{1,5})(?:/([0-9a-f]{1,6}))?)?", re.ASCII)
_RANGE = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


class TooMuch(Invalid):
    """More than one answer holds."""

    code = "narrow_the_question"


@dataclass(frozen=True, slots=True)
class Within:
    """A place of the first kind as bounds: rows made in [begin, end), in `state` (None = any), with keys in [low, high)."""

    begin: datetime
    end: datetime
    state: int | None
    low: str
    high: str


def only(given: Mapping[str, object], *known: str) -> None:
    """Refuses parameters nobody knows. Errors: `Invalid` naming them."""
    unknown = {name: ["Unknown parameter."] for name in given if name not in known}
    if unknown:
        raise Invalid(fields=unknown)


def within(text: str) -> Within:
    """A place of the first kind; an empty text is everything.

    :raises Invalid: not a place.
    """
    if not text:
        return Within(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), None, "", "g")
    found = _PLACE.fullmatch(text)
    try:
        begin = datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
        end = begin + timedelta(days=1) if begin else None
    except (ValueError, OverflowError):
        begin = end = None
    if found is None or begin is None or end is None:
        raise Invalid(
            fields={"place": [f"{text[:60]!r}: expected day/state/digits, as in 2026-01-15/500/a1."]}
        )
    state = None if found[2] is None else int(found[2])
    under = found[3] or ""
    return Within(begin, end, state, under, f"{under}g")


def ranges(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the second kind; nothing given is everything.

    :raises Invalid: not a range of ids, or too many.
    """
    found = []
    for text in _few(texts):
        match = _RANGE.fullmatch(text)
        if match is None or int(match[1]) >= int(match[2]):
            raise Invalid(fields={"place": [f"{text[:60]!r}: expected from-to, as in 0-65536."]})
        found.append((int(match[1]), int(match[2])))
    return found or [(0, LARGEST_ID)]


def many_within(texts: Sequence[str]) -> list[Within]:
    """Several places of the first kind; nothing given is everything. Errors: `Invalid`."""
    return [within(text) for text in _few(texts)] or [within("")]


def one_of(name: str, text: str | None, known: Iterable[int], default: int) -> int:
    """One of these numbers. Errors: `Invalid` naming the parameter."""
    allowed = [str(value) for value in known]
    if text is None:
        return default
    if text not in allowed:
        raise Invalid(fields={name: [f"Must be one of {', '.join(allowed)}."]})
    return int(text)


def flag(name: str, text: str | None) -> bool:
    """1 or 0; not given is 0. Errors: `Invalid` naming the parameter."""
    return one_of(name, text, (0, 1), 0) == 1


def few(name: str, texts: Sequence[str], *, most: int = 100) -> list[str]:
    """Names of records, at most `most`. Errors: `Invalid`."""
    if len(texts) > most:
        raise Invalid(fields={name: [f"At most {most} at once."]})
    bad = [text for text in texts if not text or len(text) > 200 or "\x00" in text]
    if bad:
        raise Invalid(fields={name: ["Must be a text of 1 to 200 characters."]})
    return list(texts)


def few_ids(name: str, texts: Sequence[str], *, most: int = 100) -> list[int]:
    """Ids of records, at most `most`. Errors: `Invalid`."""
    for text in few(name, texts, most=most):
        if not is_digits(text) or int(text) > LARGEST_ID:
            raise Invalid(fields={name: [f"{text[:60]!r} is not an id."]})
    return [int(text) for text in texts]


def not_too_many(rows: Sequence[object], most: int) -> None:
    """Errors: `TooMuch` when an answer would hold more than `most`."""
    if len(rows) > most:
        raise TooMuch(fields={"place": [f"More than {most} rows: ask for a smaller place."]})


def not_too_many_of(name: str, rows: Sequence[object], most: int) -> None:
    """The same for an answer about records that were named. Errors: `TooMuch` naming the parameter."""
    if len(rows) > most:
        raise TooMuch(fields={name: [f"More than {most} records: ask about fewer at once."]})


def _few(texts: Sequence[str]) -> Sequence[str]:
    if len(texts) > MOST_PLACES:
        raise Invalid(fields={"place": [f"At most {MOST_PLACES} at once."]})
    return texts

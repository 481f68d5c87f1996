"""Several calls of one kind in one: a line that says what the next call is, its body, and so on to the end.

    {"Content-Length":1712,"X-Ambar-Aggregate":"package:5","X-Ambar-Sequence":"3"}
    {"event":{"type":"package.status.packed","uuid":"…"},"payload":{…}}

Each body stands there byte for byte; a signature of the bundle is one over all of it. The answer says per call, in their order, what
it would have been told alone. Source: our decision, `docs/decisions/0113-events-in-bundles.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

TYPE = "application/vnd.ambar.bundle"
ACCEPT = "Accept-Post"
"""The header by which a receiver says that it takes bundles (W3C, Linked Data Platform 1.0, section 7.1)."""
MOST = 100
"""Calls in one bundle at most."""
OWN = frozenset({"x-whisperer-event", "x-ambar-sequence", "x-ambar-aggregate", "traceparent"})
"""What the headers of one call may say, by lower-case names; who calls is said, and signed, by the bundle alone."""
LARGEST = 1024 * 1024
"""A sender adds nothing to a bundle of so many bytes."""

_LENGTH = "Content-Length"


class Malformed(ValueError):
    """Not a bundle; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One call: its own headers (`OWN`), by lower-case names once read, and its body."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What one call is answered: status, body as text, and seconds to wait where it is asked to."""

    status: int
    body: str
    retry_after: str | None = None


def write(parts: Iterable[Part]) -> bytes:
    """The body of a bundle."""
    lines: list[bytes] = []
    for part in parts:
        lines += (orjson.dumps({_LENGTH: len(part.body), **part.headers}), part.body)
    return b"\n".join([*lines, b""])


def read(raw: bytes) -> list[Part]:
    """The calls of a bundle, at least one and at most `MOST`.

    :raises Malformed: it is none.
    """
    parts: list[Part] = []
    at = 0
    while at < len(raw):
        if len(parts) == MOST:
            raise Malformed(f"At most {MOST} calls in one bundle.")
        head_ends = raw.find(b"\n", at)
        headers, length = _head(raw[at : head_ends if head_ends >= 0 else len(raw)], len(parts) + 1)
        begins, ends = head_ends + 1, head_ends + 1 + length
        if head_ends < 0 or raw[ends : ends + 1] != b"\n":
            raise Malformed(f"Call {len(parts) + 1} does not end where it says.")
        parts.append(Part(raw[begins:ends], headers))
        at = ends + 1
    if not parts:
        raise Malformed("A bundle of nothing.")
    return parts


def _head(line: bytes, number: int) -> tuple[dict[str, str], int]:
    try:
        head = orjson.loads(line)
        length = head.pop(_LENGTH)
        headers = {str(name).lower(): value for name, value in head.items()}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Malformed(
            f"Call {number} does not begin with a JSON object of its headers and its {_LENGTH}."
        ) from error
    if type(length) is not int or length < 0 or not all(isinstance(value, str) for value in headers.values()):
        raise Malformed(f"Call {number}: {_LENGTH} is a whole number, other headers are texts.")
    if foreign := headers.keys() - OWN:
        raise Malformed(f"Call {number}: {min(foreign)} is not for one call of a bundle to say.")
    return headers, length


def write_answers(told: Iterable[Told]) -> bytes:
    """The body of the answer to a bundle."""
    return orjson.dumps({"answers": [[one.status, one.body, one.retry_after] for one in told]})


def read_answers(raw: bytes, *, calls: int) -> list[Told] | None:
    """What each of so many calls was answered; `None` when this is no answer to them."""
    try:
        answers = orjson.loads(raw)["answers"]
        told = [Told(status, body, wait) for status, body, wait in answers]
    except (ValueError, KeyError, TypeError):
        return None
    plain = all(
        type(one.status) is int and isinstance(one.body, str) and isinstance(one.retry_after, str | None)
        for one in told
    )
    return told if plain and len(told) == calls else None

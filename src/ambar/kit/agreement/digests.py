"""A digest of a set of rows: their number, and the exclusive or of their fingerprints, so that order never matters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

HEX = 16
NO_FIELDS = "0" * HEX
"""The digest of no marks at all."""
Key = TypeVar("Key", bound=Any)


@dataclass(frozen=True, slots=True)
class Sum:
    """`count` rows whose fingerprints come to `digest` (64 bits, unsigned), and the marks of their fields to `fields`.

    `fields` is 0 where fields are not compared.
    """

    count: int
    digest: int
    fields: int = 0

    @property
    def hex(self) -> str:
        """The digest on the wire: sixteen hexadecimal digits."""
        return f"{self.digest:0{HEX}x}"


EMPTY = Sum(0, 0)


def fingerprint(text: str) -> int:
    """The first 64 bits of the text's MD5: for finding accidents, not for keeping anybody out."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big")


def sum_of(texts: Iterable[str]) -> Sum:
    """The digest of these rows; no two of them may be alike, for a pair of equal ones would cancel out."""
    count, digest = 0, 0
    for text in texts:
        count, digest = count + 1, digest ^ fingerprint(text)
    return Sum(count, digest)


def from_wire(count: object, digest: object, fields: object = NO_FIELDS) -> Sum:
    """A digest as the other side told it.

    :raises ValueError: not a count and sixteen hexadecimal digits.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise ValueError("count: expected a whole number")
    return Sum(count, _from_hex("digest", digest), _from_hex("fields", fields))


def _from_hex(name: str, value: object) -> int:
    if not isinstance(value, str) or len(value) != HEX:
        raise ValueError(f"{name}: expected sixteen hexadecimal digits")
    return int(value, 16)


def differing(ours: Mapping[Key, Sum], theirs: Mapping[Key, Sum]) -> list[Key]:
    """The places whose digests are not equal, in their order; a place one side does not name is empty there."""
    return sorted(
        place for place in ours.keys() | theirs.keys() if ours.get(place, EMPTY) != theirs.get(place, EMPTY)
    )


def fingerprint_sql(text: str) -> str:
    """SQL of `fingerprint` over the SQL expression `text`, as a bigint."""
    return f"('x' || left(md5({text}), {HEX}))::bit(64)::bigint"


def joined_sql(*texts: str) -> str:
    """SQL of these SQL texts as one, a bar between them; null counts as the empty text."""
    told = ", ".join(f"coalesce({text}, '')" for text in texts)
    return f"concat_ws('|', {told})"


def mark_sql(*texts: str) -> str:
    """SQL of a row's mark: sixteen hexadecimal digits of the MD5 of these SQL texts; null counts as the empty text."""
    return f"left(md5({joined_sql(*texts)}), {HEX})"


def decimal_sql(text: str, places: int = 2, default: str = "0") -> str:
    """SQL of the number a SQL text holds, with so many places, as text; null when it is none, `default` when it is null."""
    told = f"coalesce({text}, '{default}')"
    return f"CASE WHEN pg_input_is_valid({told}, 'numeric') THEN round({told}::numeric, {places})::text END"


def micros_sql(moment: str) -> str:
    """SQL of a moment as microseconds since 1970, as text."""
    return f"(extract(epoch FROM {moment}) * 1000000)::bigint::text"


def bag_sql(text: str) -> str:
    """SQL of a group's rows in no order, as text: their number, a colon, and their digest as the wire shows it."""
    return f"count(*) || ':' || {_hex_sql(text)}"


def sum_sql(key: str, text: str, mark: str | None = None) -> str:
    """SQL of a group's count and digest as the wire shows them, and of its marks where rows have one: two or three columns.

    A row whose mark is null counts among the rows, not among the marks.
    """
    texts = [text] if mark is None else [text, mark]
    return ", ".join(["count(*)", *(_hex_sql(f"{key} || '|' || {one}") for one in texts)])


def _hex_sql(text: str) -> str:
    return f"lpad(to_hex(coalesce(bit_xor({fingerprint_sql(text)}), 0)), {HEX}, '0')"

"""A digest of a set of rows: their number, and the exclusive or of their fingerprints, so that order never matters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

HEX = 16
Key = TypeVar("Key", bound=Any)


@dataclass(frozen=True, slots=True)
class Sum:
    """`count` rows whose fingerprints come to `digest` (64 bits, unsigned)."""

    count: int
    digest: int

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


def from_wire(count: object, digest: object) -> Sum:
    """A digest as the other side told it.

    :raises ValueError: not a count and sixteen hexadecimal digits.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise ValueError("count: expected a whole number")
    if not isinstance(digest, str) or len(digest) != HEX:
        raise ValueError("digest: expected sixteen hexadecimal digits")
    return Sum(count, int(digest, 16))


def differing(ours: Mapping[Key, Sum], theirs: Mapping[Key, Sum]) -> list[Key]:
    """The places whose digests are not equal, in their order; a place one side does not name is empty there."""
    return sorted(
        place for place in ours.keys() | theirs.keys() if ours.get(place, EMPTY) != theirs.get(place, EMPTY)
    )


def fingerprint_sql(text: str) -> str:
    """SQL of `fingerprint` over the SQL expression `text`, as a bigint."""
    return f"('x' || left(md5({text}), {HEX}))::bit(64)::bigint"


def sum_sql(text: str) -> str:
    """SQL of a group's count and digest as the wire shows them: two columns."""
    return f"count(*), lpad(to_hex(bit_xor({fingerprint_sql(text)})), {HEX}, '0')"

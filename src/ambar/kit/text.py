"""Comparing names typed by people, Turkish letters included."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = str.maketrans(
    {"ı": "i", "İ": "i", "I": "i", "ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d"}
)
_SPACES = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[.’'`´\"\-_/]+")


def turkish_fold(name: str) -> str:
    """A key under which equal names meet: `İstanbul`, `ISTANBUL`, `Istanbul` and `istanbul` are one.

    Case, dotted and dotless i, other diacritics, punctuation inside names and repeated spaces do not count.
    """
    plain = unicodedata.normalize("NFKD", name.translate(_SPECIAL))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    spaced = _PUNCTUATION.sub(" ", letters.casefold())
    return _SPACES.sub(" ", spaced).strip()


def refused_characters(value: str) -> str | None:
    """Says why a text can't be stored, or None: NUL and lone surrogates have no place in PostgreSQL."""
    if "\x00" in value:
        return "Null characters are not allowed."
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "Lone surrogates are not allowed."
    return None

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


LONGEST_NUMBER = 4300
"""Digits of the longest number `int` reads. Source: Python, "Integer string conversion length limitation"."""


def is_digits(text: str) -> bool:
    """Whether a text is digits from 0 to 9 and nothing else, no more of them than `int` reads; `"²".isdigit()` is true, and `int` refuses it."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def refused_characters(value: str) -> str | None:
    """Says why a text can't be stored, or None: NUL and lone surrogates have no place in PostgreSQL."""
    if "\x00" in value:
        return "Null characters are not allowed."
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "Lone surrogates are not allowed."
    return None

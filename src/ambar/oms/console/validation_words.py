"""What pydantic refuses with, in words that say what to do; forms show these in English too.

REST keeps pydantic's own messages. `KINDS` names pydantic's kinds of error; the places of figures are those of its
templates.
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_noop
from pydantic_core import PydanticKnownError

KINDS: Mapping[str, str] = {
    "missing": gettext_noop("This field is required."),
    "extra_forbidden": gettext_noop("Unknown field."),
    "model_type": gettext_noop("Write an object in braces, as JSON."),
    "model_attributes_type": gettext_noop("Write an object in braces, as JSON."),
    "dict_type": gettext_noop("Write an object in braces, as JSON."),
    "list_type": gettext_noop("Write a list."),
    "string_type": gettext_noop("Write a text."),
    "string_unicode": gettext_noop("Write a text."),
    "string_too_short": gettext_noop("Write at least %(min_length)s characters."),
    "string_too_long": gettext_noop("Write at most %(max_length)s characters."),
    "string_pattern_mismatch": gettext_noop("Write it in the expected form (%(pattern)s)."),
    "int_type": gettext_noop("Write a whole number."),
    "int_parsing": gettext_noop("Write a whole number."),
    "int_parsing_size": gettext_noop("Write a smaller number."),
    "int_from_float": gettext_noop("Write a whole number."),
    "float_type": gettext_noop("Write a number."),
    "float_parsing": gettext_noop("Write a number."),
    "decimal_type": gettext_noop("Write a number."),
    "decimal_parsing": gettext_noop("Write a number."),
    "finite_number": gettext_noop("Write a number."),
    "decimal_max_digits": gettext_noop("Write at most %(max_digits)s digits."),
    "decimal_max_places": gettext_noop("Write at most %(decimal_places)s digits after the point."),
    "decimal_whole_digits": gettext_noop("Write at most %(whole_digits)s digits before the point."),
    "greater_than": gettext_noop("Write a number above %(gt)s."),
    "greater_than_equal": gettext_noop("Write a number from %(ge)s on."),
    "less_than": gettext_noop("Write a number below %(lt)s."),
    "less_than_equal": gettext_noop("Write a number up to %(le)s."),
    "multiple_of": gettext_noop("Write a multiple of %(multiple_of)s."),
    "bool_type": gettext_noop("Choose yes or no."),
    "bool_parsing": gettext_noop("Choose yes or no."),
    "literal_error": gettext_noop("Choose one of: %(expected)s."),
    "enum": gettext_noop("Choose one of: %(expected)s."),
    "none_required": gettext_noop("Leave this field empty."),
    "too_short": gettext_noop("Name at least %(min_length)s."),
    "too_long": gettext_noop("Name at most %(max_length)s."),
    "datetime_type": gettext_noop("Write a time such as 2026-01-02T03:04:05Z."),
    "datetime_parsing": gettext_noop("Write a time such as 2026-01-02T03:04:05Z."),
    "datetime_from_date_parsing": gettext_noop("Write a time such as 2026-01-02T03:04:05Z."),
    "datetime_object_invalid": gettext_noop("Write a time such as 2026-01-02T03:04:05Z."),
    "timezone_aware": gettext_noop("Write the time with its zone, such as 2026-01-02T03:04:05Z."),
    "date_type": gettext_noop("Write a day such as 2026-01-31."),
    "date_parsing": gettext_noop("Write a day such as 2026-01-31."),
    "date_from_datetime_parsing": gettext_noop("Write a day such as 2026-01-31."),
    "date_from_datetime_inexact": gettext_noop("Write a day such as 2026-01-31."),
    "time_type": gettext_noop("Write a time of day such as 17:30."),
    "time_parsing": gettext_noop("Write a time of day such as 17:30."),
    "url_type": gettext_noop("Write an address such as https://example.com/."),
    "url_parsing": gettext_noop("Write an address such as https://example.com/."),
    "uuid_parsing": gettext_noop("Write a UUID."),
}
OWN = frozenset({"value_error", "assertion_error"})
"""Kinds whose message is a sentence of ours (`refusal_words`)."""
_SAMPLE = {
    "ge": 1,
    "gt": 1,
    "le": 1,
    "lt": 1,
    "multiple_of": 1,
    "min_length": 2,
    "max_length": 2,
    "max_digits": 2,
    "decimal_places": 2,
    "whole_digits": 2,
    "pattern": "x",
    "expected": "x",
    "error": "x",
    "class_name": "x",
    "field_type": "List",
    "actual_length": 1,
}


def example(kind: str) -> PydanticKnownError:
    """An error of this kind, as pydantic makes it."""
    try:
        return PydanticKnownError(kind)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return PydanticKnownError(kind, _SAMPLE)  # type: ignore[arg-type]


_PLACE = re.compile(r"\{(\w+)\}")


def _pattern(template: str) -> re.Pattern[str]:
    """The message of a template; a plural ending stands or not, a place of a figure may come twice."""
    expression, seen = "", set()
    for n, part in enumerate(_PLACE.split(template)):
        if not n % 2:
            expression += re.escape(part)
        elif part == "expected_plural":
            expression += "s?"
        else:
            expression += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
    return re.compile(expression, re.S)


PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (_pattern(template), words)
    for template, words in sorted(
        ((example(kind).message_template, words) for kind, words in KINDS.items()),
        key=lambda pair: -len(_PLACE.sub("", pair[0])),
    )
)
"""The longest first: "Input should be …" alone would fit most."""


def sentence(message: str) -> tuple[str, Mapping[str, str]] | None:
    """Our template for a message of pydantic with its figures; None when it is none of pydantic's."""
    for pattern, words in PATTERNS:
        found = pattern.fullmatch(message)
        if found is not None:
            return words, found.groupdict()
    return None

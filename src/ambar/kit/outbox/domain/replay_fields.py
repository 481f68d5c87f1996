"""What a replay asks for, read and refused field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

STATES = ("pending", "delivered", "parked", "superseded")
LARGEST = 2**63 - 1
BIG_STATUS = 599


def read_replay(body: object, *, known_type: Callable[[str], bool], kinds: Collection[str]) -> dict[str, Any]:
    """The wanted deliveries: `event` (uuid), `event_type`, `webhook`, `content_type` and `object_id` (a record),
    `created_date__gte` and `created_date__lt` (when the event was recorded), `state` (a list),
    `response_http_status`. At least one; values are JSON again.

    :param kinds: what a `content_type` may be.
    :raises Invalid: every refused field with its message, unknown fields included.
    """
    if not isinstance(body, Mapping):
        raise Invalid(fields={"non_field_errors": ["Expected a JSON object."]})
    found: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in body.items():
        reader = _READERS.get(name)
        if reader is None:
            errors[str(name)[:100]] = ["Unknown field."]
            continue
        if value is None or value == "" or value == []:
            continue
        try:
            found[name] = reader(value)
        except ValueError as error:
            errors[name] = [str(error)]
    if "event_type" in found and not known_type(found["event_type"]):
        errors["event_type"] = [f'"{found["event_type"]}" is not a valid choice.']
    if "content_type" in found and found["content_type"] not in kinds:
        errors["content_type"] = [f'"{found["content_type"]}" is none of {", ".join(kinds)}.']
    if "object_id" in found and "content_type" not in found:
        errors["content_type"] = ["An object_id needs the content_type, e.g. package."]
    if not errors and not found:
        errors["non_field_errors"] = [f"Name at least one of {', '.join(_READERS)}."]
    if errors:
        raise Invalid(fields=errors)
    return found


def _uuid(value: Any) -> str:
    try:
        return UUID(str(value)).hex
    except ValueError:
        raise ValueError("Must be a UUID.") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 124 or "\x00" in value:
        raise ValueError("Not a valid string.")
    return value


def _id(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not is_digits(text) or len(text) > 19 or int(text) > LARGEST:
        raise ValueError("A valid integer is required.")
    return int(text)


def _status(value: Any) -> int:
    number = _id(value)
    if number > BIG_STATUS:
        raise ValueError("Not an HTTP status.")
    return number


def _moment(value: Any) -> str:
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError("Expected an ISO 8601 date and time.") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC).isoformat()
    except OverflowError:
        raise ValueError("Expected an ISO 8601 date and time.") from None


def _states(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    wrong = [str(one) for one in given if one not in STATES]
    if wrong:
        raise ValueError(f"{wrong[0][:40]!r} is none of {', '.join(STATES)}.")
    return [state for state in STATES if state in given]


_READERS: dict[str, Callable[[Any], Any]] = {
    "event": _uuid,
    "event_type": _text,
    "webhook": _id,
    "content_type": _text,
    "object_id": _id,
    "created_date__gte": _moment,
    "created_date__lt": _moment,
    "state": _states,
    "response_http_status": _status,
}

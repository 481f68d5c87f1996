"""The writable fields of a hook, read and refused with the messages the public hook library answers.

Source: public page "Webhooks" (fields of the subscription); header rules are our decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ambar.kit.outbox.domain.countdown import REQUIRED, parse_countdown
from ambar.kit.refusals import Invalid

Problem = tuple[Any, "str | dict[str, list[str]] | None"]

NULL = "This field may not be null."
BLANK = "This field may not be blank."

SIGNATURE_HEADERS = frozenset(
    {
        "x-whisperer-event", "x-whisperer-signature", "webhook-id", "webhook-timestamp", "webhook-signature",
        "x-ambar-sequence", "x-ambar-aggregate", "traceparent",
    }
)  # fmt: skip
"""Headers that prove or order an event; a hook can't set them."""

TRANSPORT_HEADERS = frozenset(
    {"content-length", "content-type", "host", "transfer-encoding", "connection", "accept-encoding"}
)
"""Headers that belong to the transport; accepted from a hook, never sent from it."""

LONGEST_CALLER = 64
"""Characters of the word a program calls itself in a hook's `config.caller` (decision 96)."""

LARGEST_RATE = 100_000
"""The most posts a second a hook's `config.rate_per_second` may ask for."""

CONFIG_KEYS = ("auth", "collapse", "rate_per_second")
"""What `config` may hold at every system; scopes that a system registers come on top."""

AUTH_KEYS = ("auth_type", "password", "username")

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")


def read_hook(body: object, *, partial: bool, known_type: Callable[[str], bool]) -> dict[str, Any]:
    """Reads the body of a create or change; keys that are not writable are left aside.

    :param partial: a PATCH: required fields may be missing.
    :returns: only the fields that were given, with defaults of the countdown filled in.
    :raises Invalid: every refused field with its message.
    """
    if not isinstance(body, Mapping):
        raise Invalid(
            fields={
                "non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(body).__name__}."]
            }
        )
    found: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name not in body:
            if not partial and name in ("retry_countdown_config", "target_url", "event_type"):
                errors[name] = [REQUIRED]
            continue
        value, problem = read(body[name])
        if problem is not None:
            errors[name] = problem if isinstance(problem, dict) else [problem]
        else:
            found[name] = value
    if "event_type" in found and not known_type(found["event_type"]):
        errors["event_type"] = [f'"{found["event_type"]}" is not a valid choice.']
    if errors:
        raise Invalid(fields=errors)
    return found


def refuse_unknown_keys(
    config: Mapping[str, Any], *, known: Collection[str], stored: Mapping[str, Any]
) -> None:
    """A key nobody reads is most often a misspelt one, and what it asks for would silently not be done.

    :param known: what a `config` may hold at this system.
    :param stored: the hook's own `config`: what came in before unknown keys were refused may be sent back.
    :raises Invalid: every unknown key with those there are.
    """
    told = _unknown("config.", config, known, stored)
    auth, had = config.get("auth"), stored.get("auth")
    if isinstance(auth, Mapping):
        inner = _unknown("config.auth.", auth, AUTH_KEYS, had if isinstance(had, Mapping) else {})
        told |= {"auth": inner} if inner else {}
    if told:
        raise Invalid(fields={"config": told})


def _unknown(
    path: str, given: Mapping[str, Any], known: Collection[str], kept: Collection[str]
) -> dict[str, Any]:
    strange = [name for name in given if name not in known and name not in kept]
    there_are = ", ".join(sorted(known))
    return {name[:100]: [f"{path}{name[:100]} is not known. Known: {there_are}."] for name in strange[:20]}


def _countdown(value: Any) -> Problem:
    if value is None:
        return None, NULL
    try:
        return parse_countdown(value).as_dict(), None
    except Invalid as refusal:
        errors: Any = refusal.fields["retry_countdown_config"]
        return None, dict(errors)


def _text(longest: int, *, nullable: bool, blank: bool) -> Callable[[Any], Problem]:
    def read(value: Any) -> Problem:
        if value is None:
            return (None, None) if nullable else (None, NULL)
        if not isinstance(value, str):
            return None, "Not a valid string."
        if not value.strip() and not blank:
            return None, BLANK
        if len(value) > longest:
            return None, f"Ensure this field has no more than {longest} characters."
        if "\x00" in value:
            return None, "Null characters are not allowed."
        return value, None

    return read


def _flag(value: Any) -> Problem:
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1"), None
    return (value, None) if isinstance(value, bool) else (None, "Must be a valid boolean.")


def _headers(value: Any) -> Problem:
    if not isinstance(value, Mapping):
        return None, "Expected an object of header names and texts."
    for name, text in value.items():
        if not _HEADER_NAME.fullmatch(name):
            return None, f"{name[:100]!r} is not a header name."
        if name.lower() in SIGNATURE_HEADERS:
            return None, f"{name} is set by the sender and can't be replaced."
        if not isinstance(text, (str, int)) or isinstance(text, bool):
            return None, f"The value of {name} must be a text."
        if len(str(text)) > 4000 or any(ord(letter) < 32 or ord(letter) == 127 for letter in str(text)):
            return None, f"The value of {name} is too long or has control characters."
    if len(value) > 50:
        return None, "At most 50 headers."
    return {name: str(text) for name, text in value.items()}, None


def _config(value: Any) -> Problem:
    if not isinstance(value, Mapping):
        return None, "Expected an object."
    auth = value.get("auth")
    if auth is not None:
        if not isinstance(auth, Mapping) or auth.get("auth_type") != "basic":
            return None, {"auth": ["Only auth_type basic is known."]}
        for name in ("username", "password"):
            if not isinstance(auth.get(name), str) or ":" in (auth["username"] if name == "username" else ""):
                return None, {"auth": [f"{name} must be a text; a user name has no colon."]}
    if "collapse" in value and not isinstance(value["collapse"], bool):
        return None, {"collapse": ["Must be a valid boolean."]}
    word = value.get("caller", "-")
    if not isinstance(word, str) or not word.strip() or len(word) > LONGEST_CALLER:
        return None, {"caller": [f"Expected a text of 1 to {LONGEST_CALLER} characters."]}
    if "rate_per_second" in value:
        rate = value["rate_per_second"]
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= LARGEST_RATE:
            return None, {"rate_per_second": [f"Expected a number above 0, at most {LARGEST_RATE}."]}
    return dict(value), None


_READERS: dict[str, Callable[[Any], Problem]] = {
    "retry_countdown_config": _countdown,
    "target_url": _text(255, nullable=False, blank=False),
    "is_active": _flag,
    "secret_key": _text(124, nullable=True, blank=True),
    "event_type": _text(124, nullable=False, blank=False),
    "callback": _text(64, nullable=True, blank=True),
    "additional_headers": _headers,
    "config": _config,
}

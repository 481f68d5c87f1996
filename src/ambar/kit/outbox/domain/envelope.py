"""The envelope on the wire: `{"event":{"type","uuid"},"payload":{...}}`.

Source: public hook pages ("Package Event Example"); the extra headers are ours (`docs/decisions/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

LONGEST_TYPE = 124
LARGEST_SEQUENCE = 2**63 - 1
LONGEST_AGGREGATE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One received event.

    :param aggregate: `<kind>:<id>` of the sender's record; events of one aggregate are applied in order.
    :param sequence: the sender's count per aggregate, or None when the sender does not count.
    :param raw: the body as received, byte for byte.
    """

    uuid: UUID
    type: str
    aggregate: str
    sequence: int | None
    payload: dict[str, Any]
    raw: bytes


def compose(*, type: str, uuid_hex: str, payload: bytes) -> bytes:
    """The body of a delivery; `payload` is JSON already, exactly as stored."""
    return b'{"event":{"type":"%s","uuid":"%s"},"payload":%s}' % (type.encode(), uuid_hex.encode(), payload)


def read(body: object, *, raw: bytes, sequence: str | None, aggregate: str | None) -> Envelope:
    """Makes an :class:`Envelope` of a parsed body and the two optional headers.

    Without `X-Ambar-Aggregate` the aggregate is the event's kind and the payload's `id` or `pk`, and failing
    that the event itself.

    :raises Invalid: naming the malformed field (`event`, `event.type`, `event.uuid`, `payload`, a header).
    """
    if not isinstance(body, Mapping):
        raise Invalid(fields={"non_field_errors": ["Expected a JSON object."]})
    event = body.get("event")
    if not isinstance(event, Mapping):
        raise Invalid(fields={"event": ["Expected an object with type and uuid."]})
    type_ = event.get("type")
    if not isinstance(type_, str) or not type_ or len(type_) > LONGEST_TYPE or not type_.isprintable():
        raise Invalid(fields={"event": {"type": ["Expected the name of an event type."]}})
    payload = body.get("payload")
    if not isinstance(payload, dict):
        raise Invalid(fields={"payload": ["Expected an object."]})
    uuid = _uuid(event.get("uuid"))
    return Envelope(
        uuid=uuid,
        type=type_,
        aggregate=_aggregate(aggregate, type_, payload, uuid),
        sequence=_sequence(sequence),
        payload=payload,
        raw=raw,
    )


def _uuid(value: object) -> UUID:
    if isinstance(value, str) and len(value) in (32, 36):
        try:
            return UUID(value)
        except ValueError:
            pass
    raise Invalid(fields={"event": {"uuid": ["Expected a UUID of 32 hexadecimal digits."]}})


def _sequence(header: str | None) -> int | None:
    if header is None or header == "":
        return None
    if not is_digits(header) or len(header) > 19 or int(header) > LARGEST_SEQUENCE:
        raise Invalid(fields={"X-Ambar-Sequence": ["Expected a whole number, at least 0."]})
    return int(header)


def _aggregate(header: str | None, type_: str, payload: Mapping[str, Any], uuid: UUID) -> str:
    if header:
        kind, colon, number = header.partition(":")
        if not (kind and colon and number) or len(header) > LONGEST_AGGREGATE or not header.isprintable():
            raise Invalid(fields={"X-Ambar-Aggregate": ["Expected <kind>:<id>."]})
        return header
    kind = type_.split(".", 1)[0]
    for name in ("id", "pk"):
        value = payload.get(name)
        if (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value):
            return f"{kind}:{value}"[:LONGEST_AGGREGATE]
    return f"event:{uuid.hex}"

"""Package events as the fake Seller Center takes them: signature, envelope, each uuid once, in the package's sequence."""

from __future__ import annotations

import base64
import hmac
import threading
from collections import Counter
from typing import Any
from uuid import UUID

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.seller_center.packages.domain import events, states
from ambar.seller_center.packages.domain.events import PackageNow

TOLERANCE_SECONDS = 300


class Inbox:
    """Package events: each uuid once, applied in the sequence of its package. Safe between threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        with self.lock:
            self.events: list[dict[str, Any]] = []
            self.seen: set[UUID] = set()
            self.repeats: Counter[str] = Counter()
            self.packages: dict[str, PackageNow] = {}

    def take(
        self, uuid: UUID, type_: str, payload: dict[str, Any], *, sequence: int | None
    ) -> tuple[dict[str, Any], bool]:
        """The answer `{"number", "status"}`, and whether the package is new here. Errors: `Invalid`."""
        event = events.package_event(type_, payload, sequence=sequence)
        if payload.get("test") is True:
            return {"number": event.number, "status": states.status_of(event.state), "test": True}, False
        with self.lock:
            before = self.packages.get(event.number, PackageNow(number=event.number))
            if uuid in self.seen:
                self.repeats[type_] += 1
                state = before.state if before.exists else event.state
                return {"number": event.number, "status": states.status_of(state)}, False
            self.seen.add(uuid)
            after, (verdict,) = events.fold(before, [event])
            self.packages[event.number] = after
            self.events.append({"uuid": uuid.hex, "type": type_, "number": event.number, "sequence": event.sequence,
                                "state": event.state, "outcome": verdict.outcome})  # fmt: skip
            return {"number": event.number, "status": states.status_of(after.state)}, not before.exists

    def told(self) -> dict[str, Any]:
        """Events in the order they came, repeats per type, and what each package is."""
        with self.lock:
            return {
                "events": list(self.events),
                "repeats": dict(self.repeats),
                "packages": {number: {"state": now.state, "status": states.status_of(now.state), "sequence": now.sequence,
                                      "tracking_numbers": list(now.tracking_numbers)}
                             for number, now in self.packages.items()},
            }  # fmt: skip


def envelope(body: Any) -> tuple[str, UUID, dict[str, Any]]:
    """Type, uuid and payload of what was posted. Errors: `Invalid` naming the field."""
    if not isinstance(body, dict):
        raise Invalid(fields={"non_field_errors": ["Expected a JSON object."]})
    event, payload = body.get("event"), body.get("payload")
    if not isinstance(event, dict):
        raise Invalid(fields={"event": ["Expected an object with type and uuid."]})
    if not isinstance(event.get("type"), str) or not event["type"]:
        raise Invalid(fields={"event": {"type": ["Expected the name of an event type."]}})
    if not isinstance(payload, dict):
        raise Invalid(fields={"payload": ["Expected an object."]})
    try:
        return event["type"], UUID(str(event.get("uuid"))), payload
    except ValueError:
        raise Invalid(fields={"event": {"uuid": ["Expected a UUID of 32 hexadecimal digits."]}}) from None


def signature_holds(headers: Any, raw: bytes, secret: str, *, now: float) -> bool:
    """Whether every signature present was made with the secret, and no longer than five minutes ago.

    Written here once more and not taken from the sender's own code, so that a mistake there can't agree with itself.
    """
    good = True
    if "webhook-signature" in headers:
        stamp = headers.get("webhook-timestamp", "")
        key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
        signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + raw
        wanted = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        good = is_digits(stamp) and abs(now - int(stamp)) <= TOLERANCE_SECONDS
        good = good and any(
            hmac.compare_digest(one.encode(), wanted.encode()) for one in headers["webhook-signature"].split()
        )
    if "X-Whisperer-Signature" in headers:
        plain = "sha256=" + hmac.digest(secret.encode(), raw, "sha256").hex()
        good = good and hmac.compare_digest(headers["X-Whisperer-Signature"].encode(), plain.encode())
    return good

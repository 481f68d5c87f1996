"""From a request to an :class:`Envelope`: size, signature over the raw bytes, shape, in this order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import structlog
from django.http import HttpRequest

from ambar.kit import clock
from ambar.kit.outbox.domain import envelope, signatures
from ambar.kit.outbox.domain.envelope import Envelope
from ambar.kit.rest import strict_json
from ambar.kit.rest.failures import BodyTooLarge, NotSignedIn
from ambar.kit.rest.together import Whole
from ambar.kit.text import is_digits

log = structlog.get_logger("ambar.inbox")
LARGEST_BODY = 10 * 1024 * 1024

TooLarge = BodyTooLarge


class SignatureRefused(NotSignedIn):
    """The signature of the event does not hold."""

    code = "signature_refused"


def verify(request: HttpRequest, *, secrets: Iterable[str] = (), now: datetime | None = None) -> Envelope:
    """Reads a delivered event. Who may call at all is decided before, by the token.

    When the source has secrets, every signature header that is present must hold, with one of the secrets
    (two during a rotation) and, for the Standard Webhooks headers, within five minutes of `now`.

    :raises BodyTooLarge: more than 10 MB (413).
    :raises SignatureRefused: a present signature does not hold (401); never says which part.
    :raises Invalid: malformed JSON or envelope, naming the field (400).
    """
    length = request.headers.get("Content-Length", "")
    if is_digits(length) and int(length) > LARGEST_BODY:
        raise TooLarge()
    raw = request.body
    if len(raw) > LARGEST_BODY:
        raise TooLarge()
    known = [secret for secret in secrets if secret]
    if known:
        _check(request, raw, known, now or clock.now())
    return envelope.read(
        strict_json.loads(raw),
        raw=raw,
        sequence=request.headers.get("X-Ambar-Sequence"),
        aggregate=request.headers.get("X-Ambar-Aggregate"),
    )


def _check(request: HttpRequest, raw: bytes, secrets: list[str], now: datetime) -> None:
    """:raises SignatureRefused: the signature of the request, or of the bundle it is part of, does not hold."""
    whole: Whole | None = getattr(request, "whole", None)
    if whole is not None and whole.held == secrets:
        return
    signed: HttpRequest | Whole = request if whole is None else whole
    body = raw if whole is None else whole.body
    if not _holds(signed, body, secrets, now):
        _tell_if_only_late(signed, body, secrets, now)
        raise SignatureRefused()
    if whole is not None:
        whole.held = secrets


def _tell_if_only_late(request: HttpRequest | Whole, raw: bytes, secrets: list[str], now: datetime) -> None:
    """Says in the log, and there only, that all is right but the time: somebody's clock is off, or an old event is replayed."""
    stamp = request.headers.get("webhook-timestamp", "")
    if not (is_digits(stamp) and len(stamp) < 12):
        return
    away = round(now.timestamp() - int(stamp))
    then = datetime.fromtimestamp(int(stamp), UTC)
    if abs(away) > signatures.TOLERANCE_SECONDS and _holds(request, raw, secrets, then):
        log.warning(
            "timestamp_outside_tolerance", seconds_old=away, tolerance=signatures.TOLERANCE_SECONDS,
            webhook_id=request.headers.get("webhook-id", "")[:64],
        )  # fmt: skip


def _holds(request: HttpRequest | Whole, raw: bytes, secrets: list[str], now: datetime) -> bool:
    headers = request.headers
    good = True
    if "webhook-signature" in headers:
        good &= signatures.standard_holds(
            headers["webhook-signature"],
            secrets=secrets,
            message_id=headers.get("webhook-id", ""),
            timestamp=headers.get("webhook-timestamp", ""),
            body=raw,
            now_seconds=now.timestamp(),
        )
        # A sender in the middle of a rotation signs the older header with its new secret only.
        if good and "X-Whisperer-Signature" in headers and len(headers["webhook-signature"].split()) > 1:
            return True
    if "X-Whisperer-Signature" in headers:
        good &= signatures.whisperer_holds(headers["X-Whisperer-Signature"], secrets=secrets, body=raw)
    return good

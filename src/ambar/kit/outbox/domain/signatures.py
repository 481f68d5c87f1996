"""Signing and checking of event bodies.

Two schemes ride on every delivery: `X-Whisperer-Signature: sha256=<hex>` over the raw body (public hook
library) and the Standard Webhooks trio `webhook-id`, `webhook-timestamp`, `webhook-signature`
(https://www.standardwebhooks.com, scheme `v1`: HMAC-SHA256 over `id.timestamp.body`, base64).
A secret that starts with `whsec_` is base64 after the prefix, any other secret is its UTF-8 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable

from ambar.kit.text import is_digits

TOLERANCE_SECONDS = 300


def key_of(secret: str) -> bytes:
    """The key bytes of a secret."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret[6:], validate=True)
        except (binascii.Error, ValueError):
            pass
    return secret.encode()


def whisperer(secret: str, body: bytes) -> str:
    """The value of `X-Whisperer-Signature`; the key is always the plain secret text."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def standard(keys: Iterable[bytes], *, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one `v1,` part per key, so that a rotation overlaps."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return " ".join("v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)


def whisperer_holds(header: str, *, secrets: Iterable[str], body: bytes) -> bool:
    """True when the header was made with one of the secrets; constant time in the content."""
    given = header.strip().encode()
    # Every secret is compared, so that the time does not tell which one was right.
    return sum(hmac.compare_digest(whisperer(secret, body).encode(), given) for secret in secrets) > 0


def standard_holds(
    header: str, *, secrets: Iterable[str], message_id: str, timestamp: str, body: bytes, now_seconds: float
) -> bool:
    """True when a `v1` part of the header was made with one of the secrets within five minutes of now."""
    if not is_digits(timestamp) or len(timestamp) > 12 or not message_id:
        return False
    if abs(now_seconds - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    parts = [part.encode() for part in header.split() if part.startswith("v1,")][:8]
    expected = [
        standard([key_of(secret)], message_id=message_id, timestamp=int(timestamp), body=body).encode()
        for secret in secrets
    ]
    return sum(hmac.compare_digest(part, good) for part in parts for good in expected) > 0

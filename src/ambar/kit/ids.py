"""Identities made by the application: time-ordered UUIDs (RFC 9562, version 7)."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from uuid import UUID

from . import clock

_lock = threading.Lock()
_last = (0, 0)


def uuid7(now: datetime | None = None) -> UUID:
    """A version 7 UUID; those made by one process without `now` are strictly increasing.

    :param now: the moment to carry (millisecond precision); the clock when omitted.
    """
    global _last
    moment = now or clock.now()
    millis = int(moment.timestamp() * 1000)
    noise = int.from_bytes(os.urandom(10), "big")
    sequence = noise & 0xFFF
    if now is None:
        with _lock:
            last_millis, last_sequence = _last
            if millis <= last_millis:
                millis, sequence = last_millis, last_sequence + 1
                if sequence > 0xFFF:
                    millis, sequence = millis + 1, 0
            else:
                sequence &= 0x7FF
            _last = (millis, sequence)
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | sequence << 64 | 0b10 << 62 | noise >> 18
    return UUID(int=value)

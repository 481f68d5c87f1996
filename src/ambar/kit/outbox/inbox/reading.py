"""What a receiver read of an event, kept in mind until this process applies it, so that it is not read twice.

Only a help: what is not in mind (another process received it, or too much came in between) is read again from what is stored.
"""

from __future__ import annotations

from threading import Lock
from typing import Any
from uuid import UUID

MOST = 320
"""Events kept in mind at most; the oldest is forgotten first."""

_lock = Lock()
_read: dict[tuple[str, UUID], tuple[str, Any]] = {}


def remember(source: str, uuid: UUID, body: str, read: Any) -> None:
    """Keeps in mind what was read of this body."""
    with _lock:
        _read[source, uuid] = body, read
        if len(_read) > MOST:
            del _read[next(iter(_read))]


def recall(source: str, uuid: UUID, body: str) -> Any:
    """What was read of exactly this body, once; `None` when nothing is in mind."""
    with _lock:
        known, read = _read.pop((source, uuid), ("", None))
    return read if known == body else None

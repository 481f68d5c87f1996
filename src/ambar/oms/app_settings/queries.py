"""Reading application settings. Values are cached for a moment, because hot paths ask for them on every request."""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from ambar.kit import vault
from ambar.oms.app_settings import registry
from ambar.oms.app_settings.domain import secrets
from ambar.oms.app_settings.models import Setting

KEEP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    until: float


_cache: dict[str, _Kept] = {}
_lock = Lock()


def value(key: str) -> dict[str, Any] | None:
    """The value of `key` with its secrets in clear, or None when it is not set. At most a second old."""
    kept = _cache.get(key)
    if kept is not None and kept.until > time.monotonic():
        return kept.value
    row = Setting.objects.filter(key=key).first()
    found = None if row is None else clear(row)
    with _lock:
        _cache[key] = _Kept(found, time.monotonic() + KEEP_SECONDS)
    return found


def forget() -> None:
    """Drop what is cached in this process."""
    with _lock:
        _cache.clear()


def clear(row: Setting) -> Any:
    """A row's value with its secrets in clear."""
    return secrets.opened(row.value, paths(row.key), vault.open)


def paths(key: str) -> tuple[secrets.Path, ...]:
    """Where the secrets of `key` lie; an undeclared key has none."""
    declared = registry.get(key)
    return declared.secrets if declared else ()


def shown(row: Setting) -> dict[str, Any]:
    """A row as the API answers it: secrets masked."""
    return {
        "id": row.pk,
        "key": row.key,
        "json_value": secrets.masked(clear(row), paths(row.key), vault.mask),
    }

"""The event types a system may send: each room registers its own in `AppConfig.ready()`."""

from __future__ import annotations

_TYPES: dict[str, str] = {}


def register_event(type: str, kind: str) -> None:
    """Makes an event type known, so that hooks can subscribe to it.

    :param type: the name on the wire, e.g. `package.created`.
    :param kind: the kind of record it tells about, e.g. `package`.
    :raises ValueError: the type is already registered with another kind.
    """
    if _TYPES.setdefault(type, kind) != kind:
        raise ValueError(f"{type} is already registered for {_TYPES[type]}")


def known_types() -> list[str]:
    """All event types in alphabetical order."""
    return sorted(_TYPES)


def is_known(type: str) -> bool:
    """True when the type was registered."""
    return type in _TYPES

"""Credentials inside a hook's headers and config: sealed in the table, masked for everybody but the owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ambar.kit import vault

_TELLING = ("authorization", "token", "key", "secret", "password", "cookie", "signature")


def is_credential(header: str) -> bool:
    """True when a header of this name is likely to carry a credential."""
    return any(word in header.lower() for word in _TELLING)


def sealed(headers: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Headers and config as they are stored."""
    return _turned(headers, config, vault.seal)


def opened(headers: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Headers and config in clear.

    :raises CannotOpen: sealed with another key.
    """
    return _turned(headers, config, _open)


def masked(headers: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Headers and config as others may see them."""
    return _turned(*opened(headers, config), vault.mask)


def _open(text: str) -> str:
    return vault.open(text) if text.startswith(vault.PREFIX) else text


def _turned(
    headers: Mapping[str, Any], config: Mapping[str, Any], turn: Callable[[str], str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    changed = {name: turn(str(value)) if is_credential(name) else value for name, value in headers.items()}
    settings = dict(config)
    auth = settings.get("auth")
    if isinstance(auth, Mapping) and isinstance(auth.get("password"), str):
        settings["auth"] = {**auth, "password": turn(auth["password"])}
    return changed, settings

"""Credentials inside a hook's headers, config and address: masked for everybody but the owner, those of headers and config sealed in
the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ambar.kit import vault
from ambar.kit.accounts import Principal
from ambar.kit.masks import masked_address

_HARMLESS = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "content-encoding", "content-language",
     "content-type", "from", "referer", "user-agent", "x-request-id", "x-correlation-id"}
)  # fmt: skip


def is_credential(header: str) -> bool:
    """Whether a header of this name may carry a credential: any may that is not known to carry none."""
    return header.lower() not in _HARMLESS


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


def credentials(headers: Mapping[str, Any], config: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What may be a credential among headers and config in clear, by name."""
    found = {(name.lower(), str(value)) for name, value in headers.items() if is_credential(name)}
    auth = config.get("auth")
    if isinstance(auth, Mapping) and auth.get("password"):
        found.add(("auth.password", str(auth["password"])))
    return found


def shown_address(url: str, *, owner_id: int, reader: Principal | None) -> str:
    """An address for this reader: as it was set for the hook's owner and a superuser, masked for anybody else."""
    if reader is not None and (reader.user_id == owner_id or reader.is_superuser):
        return url
    return masked_address(url)


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

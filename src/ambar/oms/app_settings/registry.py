"""The settings keys that exist. A room that owns a key declares it in its `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ambar.oms.app_settings.domain.secrets import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingKey:
    """One key: the schema its value must fit, where its secrets lie, and a check beyond the schema.

    `check(value)` raises `Invalid` with the field named; it may read the database but changes nothing.
    """

    key: str
    schema: type[BaseModel]
    secrets: tuple[Path, ...] = ()
    check: Callable[[Any], None] | None = None


_KEYS: dict[str, SettingKey] = {}


def declare(setting: SettingKey) -> None:
    """Make a key known; a second declaration of the same key is a programming error unless it is equal."""
    if _KEYS.get(setting.key, setting) != setting:
        raise ValueError(f"settings key {setting.key} is declared twice")
    _KEYS[setting.key] = setting


def known() -> dict[str, SettingKey]:
    """All declared keys by name."""
    return dict(_KEYS)


def get(key: str) -> SettingKey | None:
    """The declaration of `key`, or None."""
    return _KEYS.get(key)

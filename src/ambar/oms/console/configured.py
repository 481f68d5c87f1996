"""What the settings screens show, read from the rooms that own it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ambar.kit.ui.looks import Look
from ambar.oms.app_settings import queries, registry
from ambar.oms.app_settings.models import Setting
from ambar.oms.console import looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A setting as people may see it; `text` empty: not set."""

    key: str
    text: str
    modified_at: Any = None


def settings() -> list[Shown]:
    """Every known key with its masked value."""
    rows = {row.key: row for row in Setting.objects.order_by("key")}
    keys = sorted({*rows, *registry.known()})
    return [
        Shown(
            key=key,
            text=json.dumps(queries.shown(rows[key])["json_value"], ensure_ascii=False, indent=2)
            if key in rows
            else "",
            modified_at=rows[key].modified_at if key in rows else None,
        )
        for key in keys
    ]


def _room(name: str) -> Any:
    dotted = f"ambar.oms.{name}"
    try:
        return import_module(dotted) if find_spec(dotted) else None
    except ModuleNotFoundError:
        return None


def steps() -> list[Mapping[str, Any]]:
    """The steps of Basic Setup; empty while the room is not installed."""
    room = _room("setup.queries")
    return list(room.steps()) if room else []


def run(step: str, principal: Any) -> None:
    """Start a step."""
    room = _room("setup.actions.execute")
    if room is not None:
        room.execute(step)


def findings() -> list[tuple[Look, Any]]:
    """The doctor's findings with their look."""
    room = _room("doctor.actions.examine")
    return [(looks.OK if found.ok else looks.FAILED, found) for found in room.examine()] if room else []

"""Which end of a transfer runs a command: the source sends, the destination receives.

Only callers bound to locations are asked; others may do both (`docs/decisions/0030-transfers.md`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ambar.oms.commands import registry
from ambar.oms.commands.registry import Command

SOURCE = "source"
DESTINATION = "destination"
_side_of: dict[str, str] = {}


def declare(command: Command, *, side: str) -> None:
    """Make a transfer command known, with the end that runs it."""
    registry.declare(command)
    _side_of[command.code] = side


def side_of(code: str) -> str:
    """The end that runs this command."""
    return _side_of[code]


def may_run(code: str, *, source_id: int, destination_id: int, location_ids: Sequence[int] | None) -> bool:
    """Whether a caller with these locations (None = all) stands at the end that runs the command."""
    if location_ids is None:
        return True
    return (source_id if side_of(code) == SOURCE else destination_id) in location_ids

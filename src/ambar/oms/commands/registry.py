"""The commands of this system. A new one of packages is a file below `packages`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ambar.kit import rest
from ambar.oms.commands.outside import calls_of
from ambar.oms.states import registry as states
from ambar.oms.states.domain.fits import CommandFit

if TYPE_CHECKING:
    from ambar.oms.commands.batch import Batch


class NoParameters(rest.Body):
    """A command that takes nothing but the transition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: `pairs` are the (source, destination) enum values it fits, `parameters` what a request may carry.

    `run` acts on a whole batch of locked packages: it refuses those the rules forbid (`batch.refuse`), writes its
    effects for the others and moves them (`batch.move`). `before({package id: parameters}, now)` is what has to be looked up
    outside beforehand; it runs without a transaction and must not fail. What the transition's parameters ask of services outside
    is asked for every command that obeys them (`outside.OBEYED_BY`).
    """

    code: str
    kind: str
    title: str
    pairs: frozenset[tuple[str, str]]
    parameters: type[rest.Body]
    run: Callable[[Batch], None]
    before: Callable[[Mapping[int, Any], datetime], None] | None = None


_commands: dict[str, Command] = {}
_schemas: dict[str, dict[str, Any]] = {}


def declare(command: Command) -> None:
    """Make a command known here and to the states room, which then accepts transitions with its code."""
    fit = CommandFit(
        code=command.code,
        kind=command.kind,
        title=command.title,
        pairs=command.pairs,
        calls=calls_of(command.code),
    )
    states.declare(fit)
    _commands[command.code] = command
    _schemas[command.code] = command.parameters.model_json_schema()


def command_of(code: str) -> Command | None:
    """The command behind a code, or None."""
    return _commands.get(code)


def schema_of(code: str) -> dict[str, Any]:
    """JSON schema of the command's parameters, for forms."""
    return _schemas[code]


def all_commands() -> list[Command]:
    """All commands, in code order."""
    return [_commands[code] for code in sorted(_commands)]

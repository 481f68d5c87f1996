"""The command line of a system: Django's commands, spoken to as `ambar <system> <command>`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management import BaseCommand, ManagementUtility
from django.db import OperationalError

DJANGO_OPTIONS = frozenset(
    {"version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"}
)
"""They work, and are no business of whoever runs a system: `--help` leaves them out."""
READER_WENT = 141
"""Exit code when nobody reads on (`| head -1`): what a shell tells of a program that ended so."""


def run(system: str, arguments: list[str]) -> None:
    """Runs a command and ends the process when it does not succeed.

    A database that does not answer, and a reader that went away before all was written, are told without a trace.
    """
    try:
        try:
            _Utility(system, arguments).execute()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter writes what is left once more at its end; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(READER_WENT)
    except OperationalError as error:
        # What the server itself says carries a state; without one nobody answered.
        if getattr(error.__cause__, "sqlstate", None) is not None:
            raise
        sys.exit(f"The database of {system} does not answer: {str(error).strip().splitlines()[0]}")


class _Utility(ManagementUtility):
    def __init__(self, system: str, arguments: list[str]) -> None:
        self._system = system
        super().__init__([f"python -m ambar.{system}", *arguments])

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """A command; one of ours speaks of itself as it is called."""
        command: BaseCommand = super().fetch_command(subcommand)
        if type(command).__module__.startswith("ambar."):
            command.create_parser = partial(_parser, self._system, command, command.create_parser)  # type: ignore[method-assign]
        return command


def _parser(
    system: str, command: BaseCommand, make: Callable[..., Any], prog_name: str, subcommand: str, **more: Any
) -> Any:
    """Django's parser under the name people call it by: `said_as` of the command, when it is not its own."""
    said = getattr(command, "said_as", subcommand)
    begin = prog_name if said is None else f"ambar {system.replace('_', '-')}"
    parser = make(begin, said or subcommand, **more)
    for action in parser._actions:
        if action.dest in DJANGO_OPTIONS:
            action.help = argparse.SUPPRESS
    return parser

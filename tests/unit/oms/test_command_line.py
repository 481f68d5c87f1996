"""The commands of a system speak of themselves as they are called, and a reader who goes away is no error."""

from __future__ import annotations

import os
import subprocess
import sys

from django.core.management import get_commands

from ambar.kit.command_line import READER_WENT, _Utility

CALLED = {
    "bulk": "ambar oms bulk",
    "ensure_users": "python -m ambar.oms ensure_users",
    "events": "ambar oms events",
    "lint": "ambar oms lint",
    "migrate": "ambar oms migrate",
    "prepare": "python -m ambar.oms prepare",
    "reconcile": "ambar oms reconcile",
    "replay": "ambar oms replay",
    "statement": "ambar oms statement",
    "states_check": "ambar oms states check",
    "stock_check": "ambar oms stock check",
    "stock_import": "ambar oms stock import",
    "stock_repair": "ambar oms stock repair",
    "stock_tidy": "ambar oms stock tidy",
    "tokens": "ambar oms tokens",
    "work": "ambar oms work",
}


def parser_of(name: str):
    command = _Utility("oms", [name]).fetch_command(name)
    return command.create_parser("python -m ambar.oms", name)


def test_each_command_is_called_as_people_call_it():
    ours = [name for name, app in get_commands().items() if str(app).startswith("ambar.")]
    assert {name: parser_of(name).prog for name in ours} == CALLED


def test_help_shows_the_options_of_the_command_and_not_those_of_django():
    parser = parser_of("lint")
    told = parser.format_help()
    assert "--language" in told and "--json" in told
    for foreign in ("--settings", "--pythonpath", "--traceback", "--verbosity", "--skip-checks", "--version"):
        assert foreign not in told
    assert parser.parse_args(["--traceback", "--verbosity", "2"]).verbosity == 2


def test_a_reader_who_goes_away_leaves_no_trace_behind():
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "ambar.oms", "events", "--help"],
            stdout=writing,
            env={**os.environ, "PYTHONUNBUFFERED": ""},  # unbuffered, argparse itself swallows it
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (READER_WENT, b"")

"""What is accepted must be on disk: nobody serves or works over a database that may forget what it committed.

A session of our own is asked, so that it does not matter where a setting comes from: the server's file, the database, the role, or
the URL. Source: our decision, `docs/decisions/0075-durable-or-not-at-all.md`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

import psycopg

from .config import Config

EXIT_CODE = 78
"""Of a process that refuses to start; the code of a wrong configuration in `sysexits.h`."""
LOOK_SECONDS = 1.0

_ASK = """
select name, case source when 'database' then 'database' when 'user' then 'role' when 'database user' then 'role in this database'
  when 'client' then 'URL' else 'server' end
from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name
"""


def weak(session: psycopg.Connection[Any]) -> dict[str, str]:
    """The settings that let this session lose what was committed, each with where it is set. Empty is good."""
    return dict(session.execute(_ASK).fetchall())


def said(found: dict[str, str]) -> str:
    """One line about what `weak` found."""
    return ", ".join(f"{name} is off (set for the {where})" for name, where in found.items())


def insist(system: str) -> None:
    """Ends this process with a message when the database of a system is not durable.

    A database that does not answer now is asked as soon as it does. `AMBAR_ALLOW_LOSS=1` lets everything pass.

    :raises SystemExit: with `EXIT_CODE`.
    """
    config = Config()
    if config.allow_loss or config.no_database:
        return
    try:
        found = _ask(config.database_url(system))
    except psycopg.Error:
        threading.Thread(target=_ask_later, args=[system], daemon=True, name="durability").start()
        return
    if found:
        print(_refusal(system, found), file=sys.stderr)
        raise SystemExit(EXIT_CODE)


def _ask(url: str) -> dict[str, str]:
    with psycopg.connect(url, autocommit=True, connect_timeout=2) as session:
        return weak(session)


def _ask_later(system: str) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            found = _ask(Config().database_url(system))
        except psycopg.Error:
            continue
        if found:
            # In order, as if told to stop; who starts it again is refused at once.
            print(_refusal(system, found), file=sys.stderr)
            os.kill(os.getpid(), signal.SIGTERM)
        return


def _refusal(system: str, found: dict[str, str]) -> str:
    return (
        f"The database of {system} may lose what it committed: {said(found)}. Accepted orders would be gone after a crash. "
        "Switch it on, or set AMBAR_ALLOW_LOSS=1 if nothing in it matters."
    )

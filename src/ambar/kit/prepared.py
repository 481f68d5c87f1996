"""Statements PostgreSQL keeps the plan of.

Django writes the values into the text of each statement, so PostgreSQL reads and plans it anew every time; for a small
statement asked with every request that is most of its cost. A prepared one is planned once per connection.
For statements whose parameters carry their type (`%s::bigint[]`) and whose plan does not depend on the values.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg._preparing import Key, Prepare, PrepareManager


class _Prepared(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None) -> Any:
        return super().execute(query, params, prepare=True)  # type: ignore[misc]


class _OnlyPrepared(PrepareManager):
    """Keeps what is prepared, and does not count the rest.

    The driver counts how often each statement was seen, to prepare it some day: it keeps the texts of the last hundred of a
    connection, values and all, some of them hundreds of kilobytes, and hashes each. Django's cursors never prepare.
    """

    def maybe_add_to_cache(self, query: Any, prep: Prepare, name: bytes) -> Key | None:
        if prep is Prepare.NO:
            # An ALTER among them still ends what is prepared: `validate` is asked with this key.
            return self.key(query)
        return super().maybe_add_to_cache(query, prep, name)


def count_nothing(connection: Any) -> None:
    """Makes a driver's connection keep no statements but prepared ones; cheap to call again.

    Source: psycopg, "Prepared statements"; `docs/decisions/0095-statements-and-schemas.md`.
    """
    present = connection._prepared
    if type(present) is PrepareManager:
        connection._prepared = kept = _OnlyPrepared()
        kept.__dict__.update(present.__dict__, _counts=kept._counts)


def plan_once(connection: Any) -> None:
    """Lets PostgreSQL plan each prepared statement of a driver's connection for all values at once, and ask itself no more.

    Left to itself it plans the first five uses anew, each for its values, and weighs them against the plan for all; here the
    statements are those whose plan does not depend on the values. To be asked outside of a transaction, which could undo it.

    Source: PostgreSQL, "PREPARE", `plan_cache_mode`; `docs/decisions/0116-planned-once.md`.
    """
    if not getattr(connection, "ambar_plans_once", False):
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.ambar_plans_once = True


FEWEST_USES = 32
PLANNED_SECONDS = 60.0
"""How long a plan is used at most; see :func:`cursor`."""


def cursor() -> Any:
    """A cursor of the present connection and transaction, used as `connection.cursor()` is.

    A plan made while a table was small reads the table from end to end, and PostgreSQL keeps it until autovacuum has looked
    at the table. So a connection forgets its plans (not its statements) each time the number of its uses has doubled, and after a minute.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    with wrapper.wrap_database_errors:
        if plans_are_old(wrapper.connection):
            wrapper.connection.execute("DISCARD PLANS")
        raw = _Prepared(wrapper.connection)  # type: ignore[call-arg]
    return wrapper._prepare_cursor(raw)  # type: ignore[attr-defined]


def plans_are_old(used: Any) -> bool:
    """Counts a use of a driver's connection; whether it is to forget its plans before: see :func:`cursor`."""
    now = time.monotonic()
    uses, planned_at = getattr(used, "ambar_plans", (0, now))
    uses += 1
    old = now - planned_at > PLANNED_SECONDS or (uses >= FEWEST_USES and uses & (uses - 1) == 0)
    used.ambar_plans = uses, now if old else planned_at
    return old


_WORDS = re.compile(r"[\w,.:-]*", re.ASCII)


def words(values: Iterable[str]) -> str:
    """An array of words as PostgreSQL writes it, as `numbers` does: codes and hashes, of letters, digits and `_ . : -`.

    Raises `ValueError` for anything that would have to be quoted.
    """
    given = list(values)
    said = ",".join(given)
    if not _WORDS.fullmatch(said) or said.count(",") != max(0, len(given) - 1) or not all(given):
        raise ValueError("not words only")
    return "{" + said + "}"


def texts(values: Iterable[str | None]) -> str:
    """An array of any texts as PostgreSQL writes it, as `numbers` does; words need no quotes and cost less."""
    return (
        "{"
        + ",".join(
            [
                "null" if text is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
                for text in values
            ]
        )
        + "}"
    )


def numbers(values: Iterable[int | Decimal | None]) -> str:
    """An array of numbers as PostgreSQL writes it, for a parameter that carries its type (`%s::bigint[]`): a long list
    costs a fraction of what it does value by value.
    """
    # Of what a number is written with, nothing reads "None".
    return "{" + ",".join(map(str, values)).replace("None", "null") + "}"

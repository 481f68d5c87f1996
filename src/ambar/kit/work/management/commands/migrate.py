"""`migrate`: Django's, beside processes that go on working over the same tables (decision 103)."""

from __future__ import annotations

import random
import time
from typing import Any

from django.core.management import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from ambar.kit import pool

LOCK_WAIT = "300ms"
"""Well below PostgreSQL's `deadlock_timeout` (1 s): in a circle of waits it is the migration that gives way. While it waits for
a table, everybody else waits behind it."""
TRIES = 120
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0


class Command(Migrate):
    """A migration that does not get a lock at once is rolled back and tried again, so that nobody who works is ended or kept
    waiting for it. One that is not atomic waits as long as it takes: half of it can't be taken back."""

    _alias = DEFAULT_DB_ALIAS
    _named = ""

    def handle(self, *args: Any, **options: Any) -> None:
        self._alias = options["database"]
        pause = FIRST_PAUSE
        for attempt in range(1, TRIES + 1):
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not pool.is_conflict(error):
                    raise
                if attempt == TRIES:
                    raise CommandError(
                        f"{self._named} did not get its locks in {TRIES} tries: {pool.reason(error)['said']}. A transaction holds"
                        " one all the time; `select pid, state, query from pg_stat_activity order by xact_start` shows it."
                    ) from error
            finally:
                self._wait_as_usual()
            self.stderr.write(f"{self._named} waits for a lock; once more ({attempt}) ...")
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  no secret
            pause = min(pause * 2, LONGEST_PAUSE)

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        """Told before each migration: sets how long it may wait for a lock."""
        if action == "apply_start":
            self._named = str(migration)
            self._set(LOCK_WAIT if migration.atomic is not False else "0")
        super().migration_progress_callback(action, migration, fake)

    def _set(self, wait: str) -> None:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{wait}'")

    def _wait_as_usual(self) -> None:
        """The connection goes back to those who do other work with it."""
        if connections[self._alias].connection is not None:
            with connections[self._alias].cursor() as cursor:
                cursor.execute("RESET lock_timeout")

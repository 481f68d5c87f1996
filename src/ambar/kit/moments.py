"""Moments as Django reads them from the database, sooner.

Django registers a loader of its own for `timestamptz`, which takes a text apart by a regular expression and puts the moment into the zone
of the connection: 3.9 microseconds each. Connections here are in UTC, and for a moment in UTC the standard library does it in 0.7
(`docs/decisions/0115-moments-read.md`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.backends.postgresql import psycopg_any
from psycopg.abc import Buffer


class MomentLoader(psycopg_any.BaseTzLoader):  # type: ignore[misc]  # it has no types
    """Django's loader; what the standard library can't read (`infinity`, years before Christ) is left to it."""

    timezone = UTC

    def load(self, data: Buffer) -> datetime | None:
        """The moment, in UTC. Errors: `DataError` for what Python has no moment for."""
        try:
            moment = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data)  # type: ignore[no-any-return]
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def read_sooner() -> None:
    """Makes connections in UTC, which are all there are, read moments so; those made before go on as they are."""
    psycopg_any.get_adapters_template(True, UTC).register_loader("timestamptz", MomentLoader)

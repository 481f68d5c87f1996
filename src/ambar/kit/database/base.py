"""The backend itself, under the name Django looks for.

Django puts moments into the zone of the connection with a loader of its own, in Python: 3.9 microseconds each. Connections here are in
UTC and moments are wanted in UTC, which is what psycopg's compiled loader does in 0.45 (`docs/decisions/0115-moments-read.md`).
"""

from __future__ import annotations

import functools
from datetime import UTC
from typing import Any

from django.db.backends.postgresql import base, psycopg_any
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but for the loader of `timestamptz` on connections in UTC."""

    def get_connection_params(self) -> dict[str, Any]:
        """As Django's."""
        params: dict[str, Any] = super().get_connection_params()
        if self.timezone == UTC:
            params["context"] = _adapters()
        return params

    def create_cursor(self, name: str | None = None) -> Any:
        """As Django's, which asks the loader for its zone, to put it right for the cursor."""
        if self.timezone != UTC:
            return super().create_cursor(name)
        if name is None:
            return self.connection.cursor()
        return base.ServerSideCursor(  # type: ignore[call-arg]
            self.connection, name=name, scrollable=False, withhold=self.connection.autocommit
        )


@functools.lru_cache(maxsize=1)
def _adapters() -> AdaptersMap:
    adapters = AdaptersMap(psycopg_any.get_adapters_template(True, UTC))
    adapters.register_loader("timestamptz", TimestamptzLoader)
    return adapters

"""Wire shapes of orders' own API."""

from __future__ import annotations

from pydantic import Field

from ambar.kit import rest


class RetryHolds(rest.Body):
    """The holds to try again; left out = all."""

    ids: list[int] | None = Field(default=None, max_length=1000)

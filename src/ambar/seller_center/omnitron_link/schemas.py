"""Wire shapes of the connection settings."""

from __future__ import annotations

from pydantic import Field

from ambar.kit import rest


class Timeouts(rest.Body):
    read: int = Field(default=6000, ge=100, le=120_000)
    connect: int = Field(default=6000, ge=100, le=120_000)


class ConnectionIn(rest.Body):
    """A secret left out keeps its value; an empty string clears it."""

    base_url: str = Field(min_length=8, max_length=500, pattern=r"^https?://[^\s{}]+$")
    username: str = Field(default="", max_length=150)
    password: str | None = None
    token: str | None = None
    hook_secret: str | None = None
    channel_id: int | None = None
    catalog_id: int | None = None
    failed_cancellation_reason_id: int | None = None
    timeouts: Timeouts = Timeouts()

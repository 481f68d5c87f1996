"""Bodies that come in: pydantic models at the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .. import clock

BIGINT = 2**63 - 1


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("A valid integer is required.")
    return value


Id = Annotated[int, Field(ge=1, le=BIGINT), BeforeValidator(_no_flag)]
"""An identity in a body: a positive 64-bit integer. `true` is none, though Python takes it for 1."""


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        found = clock.parse(value)
    except ValueError as error:
        raise ValueError("must be an ISO 8601 moment") from error
    return clock.within(found)


Moment = Annotated[datetime, BeforeValidator(_read_moment)]
"""A moment in a body, read as ISO 8601 and kept in UTC."""


class Body(BaseModel):
    """A body whose unknown fields are refused, naming them.

    Its validator is made when the first such body comes: most bodies of an interface never come to a process, and a validator
    takes some 15 kB. Source: pydantic, `defer_build`; `docs/decisions/0095-statements-and-schemas.md`.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, ser_json_inf_nan="null", defer_build=True)


class OpenBody(BaseModel):
    """A body whose unknown fields are left aside (messages of other systems, which may grow)."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, ser_json_inf_nan="null", defer_build=True)

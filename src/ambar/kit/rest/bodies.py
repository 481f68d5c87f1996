"""Bodies that come in: pydantic models at the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

BIGINT = 2**63 - 1

Id = Annotated[int, Field(ge=1, le=BIGINT)]
"""An identity in a body: a positive 64-bit integer."""


class Body(BaseModel):
    """A body whose unknown fields are refused, naming them."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, ser_json_inf_nan="null")


class OpenBody(BaseModel):
    """A body whose unknown fields are left aside (messages of other systems, which may grow)."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, ser_json_inf_nan="null")

"""Bodies of command calls."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from ambar.kit import rest

MOST = 50_000
"""Records of one bulk call."""
Id = Annotated[StrictInt, Field(ge=1, lt=2**63)]
Slug = Annotated[StrictStr, Field(min_length=1, max_length=128)]


class AnyCall(BaseModel):
    """`transition` or `slug`, and the command's own parameters."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    transition: Id | None = None
    slug: Slug | None = None


class AnyBulkCall(rest.Body):
    """`parameters` hold for all records that give none of their own."""

    transition: Id | None = None
    slug: Slug | None = None
    parameters: dict[str, Any] = {}


class CommandIn(AnyCall):
    """`transition` or `slug`, optionally `package` (must be the one of the path), and the command's own parameters."""

    package: Id | None = None


class PackageParameters(BaseModel):
    """One package of a bulk call with its own parameters."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    package: Id


class BulkCommandIn(AnyBulkCall):
    """`packages`: ids, or objects `{"package": id, ...parameters}`; `parameters` hold for all that give none."""

    packages: Annotated[list[Id | PackageParameters], Field(min_length=1, max_length=MOST)]

"""Bodies of transfer command calls."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ambar.kit import rest
from ambar.oms.commands.schemas import Id, Slug


class TransferCommandIn(BaseModel):
    """`transition` or `slug`, optionally `transfer` (must be the one of the path), and the command's own parameters."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    transition: Id | None = None
    slug: Slug | None = None
    transfer: Id | None = None


class TransferParameters(BaseModel):
    """One transfer of a bulk call with its own parameters."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    transfer: Id


class BulkTransferCommandIn(rest.Body):
    """`transfers`: ids, or objects `{"transfer": id, ...parameters}`; `parameters` hold for all that give none."""

    transition: Id | None = None
    slug: Slug | None = None
    transfers: Annotated[list[Id | TransferParameters], Field(min_length=1, max_length=1000)]
    parameters: dict[str, Any] = {}

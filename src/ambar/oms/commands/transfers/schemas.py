"""Bodies of transfer command calls."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ambar.oms.commands.schemas import MOST, AnyBulkCall, AnyCall, Id


class TransferCommandIn(AnyCall):
    """`transition` or `slug`, optionally `transfer` (must be the one of the path), and the command's own parameters."""

    transfer: Id | None = None


class TransferParameters(BaseModel):
    """One transfer of a bulk call with its own parameters."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    transfer: Id


class BulkTransferCommandIn(AnyBulkCall):
    """`transfers`: ids, or objects `{"transfer": id, ...parameters}`; `parameters` hold for all that give none."""

    transfers: Annotated[list[Id | TransferParameters], Field(min_length=1, max_length=MOST)]

"""Wire shapes of cancellations that callers send."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from ambar.kit import rest
from ambar.omnitron.wire import Amount, Key

Money = Annotated[Amount, Field(ge=0, lt=Decimal(10) ** 13)]


class CancelIn(rest.OpenBody):
    """What of an order is to be taken back; the maps are keyed by item."""

    order: Key | None = None
    is_all: bool = False
    cancel_items: Annotated[list[Key], Field(max_length=5000)] = []
    reasons: dict[int, Key | None] = {}
    forced_refund_amount: Money | None = None
    is_cargo_refund: bool = False
    refund_invoice_number: Annotated[str, Field(max_length=128)] | None = None
    ibans: dict[int, Annotated[str, Field(max_length=64)] | None] = {}
    holder_names: dict[int, Annotated[str, Field(max_length=255)] | None] = {}


class PlanPatch(rest.OpenBody):
    """The answer to a plan."""

    status: Annotated[str, Field(pattern="^(waiting|confirmed|completed|rejected)$")]
    reason: Annotated[str, Field(max_length=512)] = ""


class ReasonIn(rest.OpenBody):
    subject: Annotated[str, Field(min_length=1, max_length=255)]
    is_active: bool = True

"""The form of a dry run: an order by number, or one typed in, with stock as it is or as imagined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from pydantic import ValidationError

from ambar.kit.refusals import Invalid
from ambar.kit.rest import problems
from ambar.oms.console import refusals
from ambar.oms.planning.schemas import DryRun

ROWS = 3
MOST_ROWS = 50
ADDRESS = ("country", "city", "township")


@dataclass(slots=True, kw_only=True)
class Form:
    """What was typed: `lines` are (SKU, quantity), `stock` (location code, SKU, quantity); `errors` are sentences."""

    order: str = ""
    channel: str = ""
    country: str = "TR"
    city: str = ""
    township: str = ""
    amount: str = ""
    lines: list[tuple[str, ...]] = field(default_factory=list)
    stock: list[tuple[str, ...]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def asked(self) -> bool:
        """Whether there is anything to plan."""
        return bool(self.order or self.typed(self.lines))

    def typed(self, rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Rows in which something stands."""
        return [row for row in rows if any(row)]

    def padded(self, rows: Sequence[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
        """The rows with empty ones after them, to type into."""
        given = self.typed(rows)
        return [*given, *[("",) * width] * max(1, ROWS - len(given))]


def read(query: QueryDict) -> Form:
    """The form out of the address, so that a dry run can be shared and reloaded."""
    one = {name: _text(query, name) for name in ("order", "channel", "city", "township", "amount")}
    return Form(
        **one,
        country=_text(query, "country") or "TR",
        lines=_rows(query, ("sku", "quantity")),
        stock=_rows(query, ("at", "stock_sku", "stock_quantity")),
    )


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\x00", "").strip()[:128]


def _rows(query: QueryDict, names: Sequence[str]) -> list[tuple[str, ...]]:
    columns = [[text.replace("\x00", "").strip()[:128] for text in query.getlist(name)] for name in names]
    most = min(MOST_ROWS, max(len(column) for column in columns))
    filled = [column + [""] * most for column in columns]
    return [tuple(column[row] for column in filled) for row in range(most)]


def body(form: Form) -> DryRun | None:
    """What is asked of the planner; None with `form.errors` filled when it cannot be read."""
    given: dict[str, Any] = {}
    if form.order:
        given["order"] = form.order
    else:
        given["lines"] = [
            {"sku": sku, "quantity": quantity.replace(",", ".")} for sku, quantity in form.typed(form.lines)
        ]
        address = {name: getattr(form, name) for name in ADDRESS if getattr(form, name)}
        given |= {"address": address} if form.city or form.township else {}
        given |= {"channel": form.channel} if form.channel else {}
        given |= {"amount": form.amount.replace(",", ".")} if form.amount else {}
    stock = form.typed(form.stock)
    if stock:
        given["stock"] = [
            {"erp_code": code, "sku": sku, "available": quantity.replace(",", ".")}
            for code, sku, quantity in stock
        ]
    try:
        return DryRun.model_validate(given)
    except ValidationError as problem:
        form.errors = [
            _("%(field)s: write a value that fits.") % {"field": field}
            for field in problems.fields_of(problem.errors(include_url=False, include_input=False))
        ]
        return None


def refused(form: Form, refusal: Invalid) -> None:
    """Note what the planner did not know."""
    said: Mapping[str, str] = refusals.of_fields(refusal.fields)
    form.errors = list(said.values())

"""The form of a dry run: an order by number, or one typed in, with stock as it is or as imagined."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from ambar.kit.refusals import Invalid
from ambar.kit.rest import problems
from ambar.kit.text import is_digits
from ambar.oms.console import refusals
from ambar.oms.planning.schemas import DryRun

ROWS = 3
MOST_ROWS = 50
ADDRESS = ("country", "city", "township")
FIELDS = {
    "sku": gettext_lazy("SKU"),
    "quantity": gettext_lazy("Quantity"),
    "available": gettext_lazy("Quantity"),
    "erp_code": gettext_lazy("ERP code"),
    "amount": gettext_lazy("Amount"),
    "channel": gettext_lazy("Channel"),
    "order": gettext_lazy("Order number"),
}
ROWS_OF = {"lines": gettext_lazy("Line"), "stock": gettext_lazy("Stock, line")}


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
        refused = problems.fields_of(problem.errors(include_url=False, include_input=False))
        form.errors = [_told(path, said) for path, said in refusals.of_fields(refused).items()]
        return None


def _told(path: str, said: str) -> str:
    """A refused field as the form calls it: `lines.0.quantity` is the quantity of line 1."""
    steps = path.replace("[", ".").replace("]", "").split(".")
    label = FIELDS.get(steps[-1])
    if label is None:
        return refusals.named(path, said)
    row = f" {int(steps[1]) + 1}" if len(steps) > 2 and is_digits(steps[1]) else ""
    of = f"{ROWS_OF[steps[0]]}{row}, " if steps[0] in ROWS_OF else ""
    return f"{of}{label}: {said}"


def refused(form: Form, refusal: Invalid) -> None:
    """Note what the planner did not know."""
    form.errors = [_told(path, said) for path, said in refusals.of_fields(refusal.fields).items()]

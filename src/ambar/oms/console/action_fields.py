"""Inputs of commands that a schema alone would draw badly: reasons to choose, items to tick, a location per item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui.cells import number
from ambar.kit.ui.forms import Field
from ambar.oms.console.other_packages import RECEIVER, TOGETHER
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import CancellationReason
from ambar.oms.packages.models import PackageDenialReason
from ambar.oms.stock import queries as stock

ASSIGN = "assign:"
REPLACE = "replace:"
GONE = "replaced_missing"
BARCODES = "barcodes:"
REASONS = {
    "not_found": gettext_lazy("It is not there"),
    "wrong_product": gettext_lazy("Another product is there"),
}
OUTCOMES = {
    "put_away": gettext_lazy("Put away, for sale again"),
    "written_off": gettext_lazy("Written off"),
}
MOST_LOCATIONS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of the package or transfer that is acted on."""

    id: int
    product_id: int
    sku: str
    name: str
    quantity: Any

    def __str__(self) -> str:
        return f"{self.sku} × {number(self.quantity)}  {self.name}"


Items = Callable[[], Sequence[Item]]


def tailored(
    fields: Sequence[Field], items: Items, *, location_ids: Sequence[int] | None
) -> tuple[Field, ...]:
    """The schema's fields with better inputs; `location_ids` are the caller's own, None = all."""
    found: list[Field] = []
    for field in fields:
        if field.name == "denial_reason":
            found.append(_reason(field))
        elif field.name == "cancellation_reason":
            found.append(_cancellation_reason(field))
        elif field.name in ("package_items", "transfer_items"):
            found.append(_items(field, items()))
        elif field.name == "missing_items":
            found.append(replace(_items(field, items()), label=_("Items that are not there"), value=[]))
        elif field.name == "replacement_products":
            found.extend(_replacements(items()))
        elif field.name == "barcodes":
            found.extend(_barcodes(items()))
        elif field.name == "assignment_groups":
            found.extend(_assignments(items(), location_ids))
        elif field.name == "reason" and field.kind == "choice":
            options = tuple((value, str(REASONS.get(value, word))) for value, word in field.options)
            found.append(replace(field, options=options, label=_("What is wrong")))
        elif field.name == "outcome":
            options = tuple((value, str(OUTCOMES.get(value, word))) for value, word in field.options)
            found.append(replace(field, options=options, label=_("What becomes of it")))
        else:
            found.append(field)
    return tuple(found)


def _reason(field: Field) -> Field:
    rows = PackageDenialReason.objects.filter(is_active=True).order_by("title").values_list("pk", "title")
    options = tuple((str(pk), title) for pk, title in rows[:200])
    nothing = "" if options else _("No denial reason is active: add one under Settings, Reasons.")
    return replace(field, kind="choice", label=_("Denial reason"), options=options, help=nothing)


def _cancellation_reason(field: Field) -> Field:
    rows = CancellationReason.objects.filter(is_active=True).order_by("title").values_list("pk", "title")
    options = tuple((str(pk), title) for pk, title in rows[:200])
    return replace(field, kind="choice", label=_("Cancellation reason"), options=options)


def _items(field: Field, items: Sequence[Item]) -> Field:
    options = tuple((str(item.id), str(item)) for item in items)
    chosen = [option[0] for option in options] if len(options) == 1 else []
    return replace(field, kind="checks", label=_("Items"), options=options, value=chosen, help="")


def _assignments(items: Sequence[Item], location_ids: Sequence[int] | None) -> list[Field]:
    places = StockLocation.objects.filter(is_active=True).order_by("name")
    if location_ids is not None:
        places = places.filter(pk__in=location_ids)
    known = list(places.values_list("pk", "erp_code", "name")[:MOST_LOCATIONS])
    free = stock.available([pk for pk, _code, _name in known], {item.product_id for item in items})
    return [
        Field(
            name=f"{ASSIGN}{item.id}",
            label=str(item),
            kind="choice",
            required=True,
            options=tuple(
                (
                    code,
                    _("%(place)s (%(count)s in stock)")
                    % {"place": name, "count": number(free.get((pk, item.product_id), 0))},
                )
                for pk, code, name in known
            ),
        )
        for item in items
    ]


def _replacements(items: Sequence[Item]) -> list[Field]:
    inputs = [
        Field(
            name=f"{REPLACE}{item.id}",
            label=_("%(item)s becomes SKU") % {"item": item},
            kind="text",
            pick=reverse("oms_console:suggest", args=["products"]),
        )
        for item in items
    ]
    options = tuple((str(item.id), str(item)) for item in items)
    gone = Field(
        name=GONE,
        label=_("Replaced because the ordered one is not on the shelf (its stock is written off)"),
        kind="checks",
        options=options,
        value=[],
    )
    return [*inputs, gone]


def _barcodes(items: Sequence[Item]) -> list[Field]:
    return [
        Field(
            name=f"{BARCODES}{item.id}",
            label=_("Barcodes of %(item)s") % {"item": item},
            kind="list",
            help=_("One per line."),
        )
        for item in items
    ]


def gathered(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the command takes it: assignments become groups by location."""
    found: dict[str, Any] = {}
    groups: dict[str, list[int]] = {}
    for name, value in values.items():
        if name.startswith(ASSIGN):
            groups.setdefault(str(value), []).append(int(name.removeprefix(ASSIGN)))
        elif name in ("denial_reason", "cancellation_reason", RECEIVER):
            found[name] = int(value)
        elif name in ("package_items", "transfer_items", "missing_items", TOGETHER):
            found[name] = [int(one) for one in value]
        elif name.startswith(REPLACE):
            item = name.removeprefix(REPLACE)
            new = {"package_item": int(item), "sku": value, "missing": item in values.get(GONE, ())}
            found.setdefault("replacement_products", []).append(new)
        elif name.startswith(BARCODES):
            scanned = {"package_item": int(name.removeprefix(BARCODES)), "barcodes": value}
            found.setdefault("barcodes", []).append(scanned)
        elif name == GONE:
            continue
        else:
            found[name] = value
    if groups:
        found["assignment_groups"] = [
            {"package_items": items, "erp_code": code} for code, items in groups.items()
        ]
    return found

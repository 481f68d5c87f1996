"""*Why is it N?*: how the figures of one product at one location came to be, entry by entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from ambar.kit.ui.looks import Look
from ambar.oms.packages.models import PackageItem
from ambar.oms.stock.models import LedgerEntry, Reservation
from ambar.oms.transfers.models import TransferItem

MOST_ENTRIES = 200
KINDS = {
    "stock": Look(tone="info", shape="disc", word=gettext_lazy("Counted")),
    "reserve": Look(tone="progress", shape="half", word=gettext_lazy("Reserved")),
    "release": Look(tone="neutral", shape="back", word=gettext_lazy("Released")),
    "consume": Look(tone="good", shape="arrow", word=gettext_lazy("Left the shelf")),
    "move": Look(tone="info", shape="arrow", word=gettext_lazy("Moved")),
}
MOVES_STOCK = ("stock", "consume")
REASONS = {
    "feed": gettext_lazy("stock feed"),
    "plan": gettext_lazy("planning"),
    "planned": gettext_lazy("planning"),
    "packed": gettext_lazy("packed"),
    "refused": gettext_lazy("refused"),
    "repair": gettext_lazy("repair"),
    "manual planning": gettext_lazy("planned by hand"),
    "product not found": gettext_lazy("product not found"),
    "deallocate": gettext_lazy("deallocated"),
}
Holder = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry with what stood after it; `holder` is (label, address)."""

    at: datetime
    look: Look
    quantity: Decimal
    on_hand: Decimal
    reserved: Decimal
    reason: Any
    holder: tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What somebody holds now."""

    holder: tuple[str, str]
    quantity: Decimal
    since: datetime


def lines(location_id: int, product_id: int, *, on_hand: Decimal, reserved: Decimal) -> list[Line]:
    """The newest entries, newest first, counted back from the present figures."""
    entries = list(
        LedgerEntry.objects.filter(location_id=location_id, product_id=product_id).order_by("-id")[
            :MOST_ENTRIES
        ]
    )
    names = holders((entry.holder_kind, entry.holder_id) for entry in entries if entry.holder_id)
    found = []
    for entry in entries:
        found.append(
            Line(
                at=entry.at,
                look=KINDS[entry.kind],
                quantity=entry.quantity,
                on_hand=on_hand,
                reserved=reserved,
                reason=REASONS.get(entry.reason, entry.reason),
                holder=names.get((entry.holder_kind, entry.holder_id)) if entry.holder_id else None,
            )
        )
        on_hand -= entry.quantity if entry.kind in MOVES_STOCK else 0
        reserved -= entry.quantity if entry.kind != "stock" else 0
    return found


def held(location_id: int, product_id: int) -> list[Held]:
    """Who holds what of it now, the oldest first."""
    rows = list(
        Reservation.objects.filter(location_id=location_id, product_id=product_id).order_by("since")[
            :MOST_ENTRIES
        ]
    )
    names = holders((row.holder_kind, row.holder_id) for row in rows)
    return [
        Held(holder=names[row.holder_kind, row.holder_id], quantity=row.quantity, since=row.since)
        for row in rows
    ]


def holders(wanted: Iterable[Holder]) -> dict[Holder, tuple[str, str]]:
    """`{holder: (number of its package or transfer, address)}`; at most two statements."""
    asked: Sequence[Holder] = list(dict.fromkeys(wanted))
    ids: Mapping[str, list[int]] = {
        kind: [pk for one, pk in asked if one == kind] for kind in ("package_item", "transfer_item")
    }
    found: dict[Holder, tuple[str, str]] = {one: (f"{one[0]} {one[1]}", "") for one in asked}
    packed = PackageItem.objects.filter(pk__in=ids["package_item"])
    for pk, package, number in packed.values_list("pk", "package_id", "package__number"):
        found["package_item", pk] = (number, reverse("oms_console:package", args=[package]))
    moved = TransferItem.objects.filter(pk__in=ids["transfer_item"])
    for pk, transfer, number in moved.values_list("pk", "transfer_id", "transfer__number"):
        found["transfer_item", pk] = (number, reverse("oms_console:transfer", args=[transfer]))
    return found

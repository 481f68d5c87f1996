"""The form of the shipping cost table: read from what was posted, drawn again."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui.cells import money
from ambar.oms.scenarios.domain.rules import ZONES
from ambar.oms.scenarios.models import ShippingCost

ZONE_TITLES = {
    "same_township": gettext_lazy("Same township"),
    "same_city": gettext_lazy("Same city"),
    "same_country": gettext_lazy("Same country"),
    "abroad": gettext_lazy("Abroad"),
}
Amounts = tuple[str, str]
"""(per parcel, per kg) as typed."""


def read(posted: QueryDict) -> tuple[dict[str, Amounts], list[dict[str, Any]], dict[str, str]]:
    """(as typed, rows to save, what is wrong by zone). A zone without a parcel price has no row."""
    typed, rows, wrong = {}, [], {}
    for zone in ZONES:
        parcel, per_kg = _text(posted, f"{zone}:parcel"), _text(posted, f"{zone}:per_kg")
        typed[zone] = (parcel, per_kg)
        if not parcel and not per_kg:
            continue
        try:
            amounts = [
                Decimal((text or "0").replace(",", ".")).quantize(Decimal("0.01"))
                for text in (parcel, per_kg)
            ]
            if not parcel or not all(0 <= amount < 10**10 for amount in amounts):
                raise ValueError(zone)
        except (ValueError, InvalidOperation):
            wrong[zone] = _("Write amounts such as 49.90.")
            continue
        rows.append({"zone": zone, "parcel": amounts[0], "per_kg": amounts[1]})
    return typed, rows, wrong


def _text(posted: QueryDict, name: str) -> str:
    return posted.get(name, "").replace("\x00", "").strip()


def draw(
    kept: Iterable[ShippingCost], typed: dict[str, Amounts], wrong: dict[str, str]
) -> list[dict[str, Any]]:
    """A row per zone, the narrowest first, with what was typed or else what stands."""
    amounts = {row.zone: (f"{row.parcel:f}", f"{row.per_kg:f}") for row in kept}
    return [
        {
            "zone": zone,
            "title": ZONE_TITLES[zone],
            "amounts": typed.get(zone) or amounts.get(zone) or ("", ""),
            "error": wrong.get(zone, ""),
        }
        for zone in ZONES
    ]


def said(body: Iterable[dict[str, str]]) -> str:
    """A kept table in one line."""
    rows = [
        _("%(zone)s: %(parcel)s + %(per_kg)s per kg")
        % {
            "zone": ZONE_TITLES[row["zone"]],
            "parcel": money(row["parcel"]),
            "per_kg": money(row["per_kg"]),
        }
        for row in body
    ]
    return "; ".join(rows) or _("no prices")

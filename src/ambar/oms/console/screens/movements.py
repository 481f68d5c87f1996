"""*Package Location Movements*: per location the packages by state against its quota, as bars."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ambar.kit.ui import charts, gate
from ambar.oms.console import looks
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages.queries import visible

STATES = (100, 150, 200, 300, 400, 500, 800, 910, 920, 930)
TAB_OF = {
    100: "waiting",
    150: "waiting",
    200: "preparing",
    300: "transfer",
    400: "ready",
    500: "packed",
    800: "cancelling",
    910: "rescheduling",
    920: "out_of_stock",
    930: "stuck",
}
MOST = 200


@gate.screen("packages:read")
def movements(request: HttpRequest) -> HttpResponse:
    """Locations with open packages or a quota, the fullest first."""
    principal = gate.principal(request)
    places = StockLocation.objects.select_related("quota").filter(is_active=True).order_by("name")
    if "location_ids" in principal.bounds:
        places = places.filter(pk__in=principal.bounds["location_ids"])
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    grouped = visible(principal).filter(state__in=STATES).values_list("location_id", "state")
    for location_id, state, count in grouped.annotate(n=Count("id")).order_by():
        counts[location_id][state] = count
    present = [state for state in STATES if any(state in found for found in counts.values())]
    rows = [_row(place, counts[place.pk], present) for place in places[:MOST]]
    rows.sort(key=lambda row: (-row["share"], -row["used"], row["name"]))
    bars = [
        charts.Bar(label=row["name"], value=row["used"], limit=row["quota"], href=row["href"]) for row in rows
    ]
    context = {
        "rows": rows,
        "looks": [looks.package(state) for state in present],
        "picture": charts.bars(bars, title=_("Quota")),
    }
    return render(request, "oms_console/movements.html", context)


def _row(place: StockLocation, counts: dict[int, int], states: Sequence[int]) -> dict[str, Any]:
    used = place.quota.used if hasattr(place, "quota") else 0
    listing = reverse("oms_console:packages")
    return {
        "name": place.name,
        "used": used,
        "quota": place.max_quota,
        "share": used / place.max_quota if place.max_quota else 0.0,
        "href": f"{listing}?location={place.pk}",
        "counts": [
            (counts.get(state, 0), f"{listing}?tab={TAB_OF[state]}&location={place.pk}") for state in states
        ],
    }

"""Step 4: packages stand in the states they were moved to."""

from __future__ import annotations

from django.db.models import F, Max

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.handover import queries
from ambar.oms.packages.models import Package

NEWEST = 500_000
"""Packages that are looked at, however many there are: the watch looks every few minutes."""
MOST = 10_000
"""Of these, those whose logs are read: they stand in another state than was told last, and most rightly so."""
NAMED = 5


def check(visit: Visit) -> list[Finding]:
    """One finding: how many of the newest packages stand in a state that nothing moved them to, with some of their numbers.

    A reconciliation looks at all of them, and puts them right.
    """
    newest = Package.objects.aggregate(pk=Max("pk"))["pk"] or 0
    untold = Package.objects.filter(pk__gt=newest - NEWEST).exclude(state=F("told_state")).order_by("-pk")
    numbers = list(untold.values_list("number", flat=True)[:MOST])
    slipped = sorted(queries.slipped(numbers)) if numbers else []
    figures: dict[str, object] = {"count": len(slipped)}
    if slipped:
        more = ", …" if len(slipped) > NAMED else ""
        figures["numbers"] = ", ".join(slipped[:NAMED]) + more
    code = "packages_slipped" if slipped else "packages_as_logged"
    return [Finding(step=4, name="package_states", code=code, figures=figures)]

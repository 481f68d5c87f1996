"""Step 4: the filtering rules compile, and take something of what is offered.

An order is judged as it was when it was new: one that is shipped by now is not refused for that, and intake follows what
it took to its end whatever the rules say.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from ambar.kit.refusals import Invalid
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.upstream import reading
from ambar.oms.upstream.domain import filters, statuses

APPROVED = 400


def check(visit: Visit) -> list[Finding]:
    """One finding about the rules as a whole."""
    rules = (visit.seller or {}).get("order_filters") or []
    try:
        compiled = filters.compiled(rules)
    except (Invalid, KeyError, TypeError, ValueError) as error:
        return [_found("filters_broken", reason=str(error)[:500])]
    if not compiled:
        return [_found("filters_none")]
    views = [view for row in visit.offered() or () if (view := _view(row)) is not None]
    if not views:
        return [_found("filters_untried")]
    refusing = [filters.refusing(compiled, view) for view in views]
    taken = sum(rule is None for rule in refusing)
    if taken:
        return [_found("filters_take", taken=taken, offered=len(views))]
    rule, refused = Counter(str(name) for name in refusing).most_common(1)[0]
    return [_found("filters_refuse_all", offered=len(views), rule=rule, refused=refused)]


def _found(code: str, **figures: object) -> Finding:
    return Finding(step=4, name="order_filters", code=code, figures=figures)


def _view(row: Any) -> dict[str, Any] | None:
    try:
        wire = reading.order(row)
    except reading.Unreadable:
        return None
    view = reading.view(wire)
    return {**view, "status": str(APPROVED)} if wire.status > statuses.PREPARING else view

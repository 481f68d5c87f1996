"""Step 4: what is offered under an id is the order that is known here under that id."""

from __future__ import annotations

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.omnitron_client.domain.routing import source
from ambar.oms.orders.models import Order


def check(visit: Visit) -> list[Finding]:
    """One finding when the newest orders offered are others than those known by their ids: another Seller Center's.

    They are set aside, and never taken; or what is here is what a hook of another system brought once. Nothing is said while none of
    the offered orders is known here.
    """
    offered = {
        pk: number for row in visit.offered() or () if (pk := _id(row)) and (number := row.get("number"))
    }
    if visit.settings is None or not offered:
        return []
    known = Order.objects.filter(source=source(visit.settings, "orders"), upstream_id__in=list(offered))
    here = dict(known.values_list("upstream_id", "number"))
    others = sorted(pk for pk, number in here.items() if offered[pk] != number)
    if others:
        figures = {
            "count": len(others),
            "known": len(here),
            "id": others[0],
            "theirs": str(offered[others[0]])[:128],
            "ours": here[others[0]],
        }
        return [Finding(step=4, name="order_ids", code="order_ids_differ", figures=figures)]
    return [Finding(step=4, name="order_ids", code="order_ids_agree")] if here else []


def _id(row: object) -> int | None:
    found = row.get("pk", row.get("id")) if isinstance(row, dict) else None
    return found if isinstance(found, int) and 0 < found < 2**63 else None

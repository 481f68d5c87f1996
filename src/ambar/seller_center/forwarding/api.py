"""`/api/v1/forwarding/`: what the hub has yet to be told, and why not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.seller_center.forwarding import store
from ambar.seller_center.orders.models import Forward

router = rest.Router()


def _json(rows: list[Forward]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "record": row.record_id,
            "attempts": row.attempts,
            "is_parked": row.due_at is None,
            "due_date": clock.iso(row.due_at) if row.due_at else None,
            "reason": row.reason,
        }
        for row in rows
    ]


_FORWARDS = rest.Filters({"kind": rest.choice_in("kind"), "is_parked": rest.boolean("due_at__isnull")})


@router.get("/forwarding/", tags=["forwarding"])
@rest.needs("settings:read")
def list_forwards(request: HttpRequest) -> Any:
    """Rows waiting to be told to the hub; parked ones were refused by it."""
    return rest.page(
        request,
        Forward.objects.all(),
        _json,
        filters=_FORWARDS,
    )


@router.post("/forwarding/release/", tags=["forwarding"])
@rest.needs("settings:write")
def release(request: HttpRequest) -> Any:
    """Try everything again now, parked rows included."""
    released = store.release(now=clock.now())
    accounts.audit(request.principal, "release_forwarding", "forward", None, {"rows": released})
    return {"released": released}

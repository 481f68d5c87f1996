"""Place lists of the own API, and the copy from the commerce hub (`/api/v1/setup/places/`)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.seller_center.places import lists
from ambar.seller_center.places.actions.start_copy import start_copy
from ambar.seller_center.places.models import CopyRun

router = rest.Router()
lists.add_to(router, scope="places:read")


@router.post("/setup/places/execute/", tags=["places"])
@rest.needs("places:write")
def execute_copy(request: HttpRequest) -> Any:
    """Start copying the dictionaries from the commerce hub; follow it with `get_async_status/`."""
    run_id = start_copy(now=clock.now())
    accounts.audit(request.principal, "copy_places", "copy_run", run_id, {})
    return rest.Raw(202, {"run": run_id})


@router.get("/setup/places/get_async_status/", tags=["places"])
@rest.needs("places:read")
def copy_status(request: HttpRequest) -> dict[str, Any]:
    """READY (never run), WORKING, FINISHED or FAILED, with counts and the reason."""
    run = CopyRun.objects.order_by("-id").first()
    if run is None:
        return {"status": "READY"}
    return {
        "status": run.status,
        "counts": run.counts,
        "reason": run.reason,
        "started_date": clock.iso(run.started_at),
        "ended_date": clock.iso(run.ended_at) if run.ended_at else None,
    }

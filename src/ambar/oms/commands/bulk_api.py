"""Bulk actions over REST: progress, outcomes, stop and go on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import NotFound
from ambar.oms.commands import bulk_schemas as schemas
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.models import BulkAction, BulkEntry
from ambar.oms.commands.queries import SCOPE, visible_actions

router = rest.Router()

FILTERS = rest.Filters(
    {
        "id": rest.id_list("id__in"),
        "state": rest.exact("state"),
        "kind": rest.exact("kind"),
        "slug": rest.exact("slug"),
    }
)
OUTCOMES = rest.Filters({"done": rest.boolean("is_done"), "record": rest.id_list("record_id__in")})


@router.get("/bulk-actions/")
@rest.needs(SCOPE)
def list_actions(request: HttpRequest) -> dict[str, Any]:
    """Actions and how far each is, the newest first; callers bound to locations see their own."""
    return rest.page(
        request, visible_actions(request.principal), schemas.actions, filters=FILTERS, default_sort="-id"
    )


@router.get("/bulk-actions/{int:action_id}/")
@rest.needs(SCOPE)
def read_action(request: HttpRequest, action_id: int) -> dict[str, Any]:
    """One action: its state, how many of its records are done, how many were refused."""
    return schemas.actions([_one(request, action_id)])[0]


@router.get("/bulk-actions/{int:action_id}/outcomes/")
@rest.needs(SCOPE)
def list_outcomes(request: HttpRequest, action_id: int) -> dict[str, Any]:
    """What became of each record that had its turn, as a bulk call answers it; `done=false` are those refused."""
    rows: QuerySet[BulkEntry] = _one(request, action_id).entries.filter(verdict__isnull=False)
    return rest.page(request, rows, schemas.outcomes, filters=OUTCOMES, sort={"id": "id"}, default_sort="id")


@router.post("/bulk-actions/{int:action_id}/cancel/")
@rest.needs(SCOPE)
def cancel_action(request: HttpRequest, action_id: int) -> dict[str, Any]:
    """Stop after the slice under way; what is done stays and the rest can be resumed."""
    bulk.cancel(_one(request, action_id).pk, now=clock.now())
    return schemas.actions([_one(request, action_id)])[0]


@router.post("/bulk-actions/{int:action_id}/resume/")
@rest.needs(SCOPE)
def resume_action(request: HttpRequest, action_id: int) -> dict[str, Any]:
    """Go on with a cancelled action where it stopped."""
    bulk.resume(_one(request, action_id).pk, now=clock.now())
    return schemas.actions([_one(request, action_id)])[0]


def _one(request: HttpRequest, action_id: int) -> BulkAction:
    found = visible_actions(request.principal).filter(pk=action_id).first() if action_id < 2**63 else None
    if found is None:
        accounts.note_foreign(request.principal, BulkAction.objects.all(), action_id)
        raise NotFound("Not found.")
    return found

"""The doctor over HTTP: examine, mend, walk, and what was found before."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid
from ambar.oms.doctor import queries
from ambar.oms.doctor.actions import examine as examining
from ambar.oms.doctor.actions.mend import mend
from ambar.oms.doctor.actions.walk import walk
from ambar.oms.doctor.domain import texts
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given
from ambar.oms.doctor.models import Examination
from ambar.oms.doctor.schemas import FixBody

router = rest.Router()


_FILTERS = rest.Filters(
    {
        "asked_by": rest.choice_in("asked_by", ("asked", "watch", "mending", "walk")),
        "ok": rest.boolean("ok"),
    }
)


def _answer(found: list[Finding]) -> dict[str, Any]:
    return {
        "ok": all(texts.ok(finding) for finding in found),
        "findings": [queries.as_json(finding) for finding in found],
    }


@router.get("/doctor/")
@rest.needs("doctor:read")
def examine(request: HttpRequest) -> Any:
    """All findings; `step=1` (repeatable) asks for some only. `ok` is true when every finding is; `known` is false for
    what can't be told from here. Nothing is changed anywhere, but what was found is remembered."""
    unknown = sorted(set(request.GET) - {"step"})
    if unknown:
        raise Invalid(fields={name: ["Unknown filter."] for name in unknown})
    steps = request.GET.getlist("step")
    allowed = {str(step) for step in examining.CHECKS}
    if not set(steps) <= allowed:
        raise Invalid(fields={"step": [f"Must be one of {', '.join(sorted(allowed))}."]})
    return _answer(examining.examine((int(step) for step in steps), now=clock.now()))


@router.get("/doctor/last/")
@rest.needs("doctor:read")
def read_last(request: HttpRequest) -> Any:
    """What each step showed when it was last examined, without looking again."""
    found, at = queries.last_findings()
    return {**_answer(found), "examined_date": at}


@router.get("/doctor/history/")
@rest.needs("doctor:read")
def list_history(request: HttpRequest) -> Any:
    """Examinations, newest first: what appeared and what was mended since the one before. Watches that found nothing
    new are one row with their number in `repeats`."""
    return rest.page(
        request,
        Examination.objects.all(),
        lambda rows: [_examination(row) for row in rows],
        filters=_FILTERS,
        sort=("id",),
        default_sort="-id",
    )


def _examination(row: Examination) -> dict[str, Any]:
    return {
        "id": row.pk,
        "asked_by": row.asked_by,
        "steps": row.steps,
        "ok": row.ok,
        "appeared": row.appeared,
        "mended": row.mended,
        "repeats": row.repeats,
        "started_date": row.started_at,
        "finished_date": row.finished_at,
    }


@router.post("/doctor/fix/")
@rest.needs("doctor:write")
def fix(request: HttpRequest, body: FixBody) -> Any:
    """Mend one finding, or all that have a remedy, and look again. Safe to repeat.

    `did` tells per finding what was done: done, already, started (goes on in the background), needs (which of `given`
    a person must give first) or failed, with the reason. 404 when the named finding is not there or has no remedy.
    """
    given = Given(
        user_id=request.principal.user_id,  # type: ignore[attr-defined]
        values={name: value.strip() for name, value in body.given.model_dump().items() if value.strip()},
    )
    did, found = mend(given, only=body.finding, now=clock.now())
    for one in did:
        told = {"finding": one.finding.name, "outcome": one.mended.outcome, "given": sorted(given.values)}
        accounts.audit(request.principal, "doctor.mended", "finding", 0, told)  # type: ignore[attr-defined]
    return {
        **_answer(found),
        "did": [
            {
                "finding": one.finding.name,
                "code": one.finding.code,
                "outcome": one.mended.outcome,
                "detail": one.mended.en,
                "needs": list(one.mended.needs),
                "waits_for": one.mended.waits_for or None,
                "tr": {"detail": one.mended.tr},
            }
            for one in did
        ],
    }


@router.post("/doctor/walk/")
@rest.needs("doctor:write")
def walk_through(request: HttpRequest) -> Any:
    """Step 5: a synthetic order is offered, taken, planned and reported back, and leaves no trace on either side."""
    found = walk(now=clock.now())
    accounts.audit(request.principal, "doctor.walked", "finding", 0, {"ok": all(map(texts.ok, found))})  # type: ignore[attr-defined]
    return _answer(found)

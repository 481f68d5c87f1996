"""What was found last, what is open, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from ambar.oms.doctor.domain import texts
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.models import Examination, OpenFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something is wrong with the integration: how many findings, since when, and the first of them."""

    count: int
    since: datetime
    finding: Finding


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as answered: English, Turkish beside it under `tr`."""
    what, why, fix = texts.said(finding, "en")
    tr = dict(zip(("what", "why", "fix"), texts.said(finding, "tr"), strict=True))
    return {
        "step": finding.step,
        "name": finding.name,
        "code": finding.code,
        "ok": texts.ok(finding),
        "known": texts.known(finding),
        "what": what,
        "why": why,
        "fix": "" if texts.ok(finding) and texts.known(finding) else fix,
        "can_fix": bool(finding.remedy),
        "needs": list(finding.needs),
        "took_ms": finding.took_ms,
        "tr": tr,
    }


def read(stored: dict[str, Any]) -> Finding | None:
    """A stored finding; None when its text is of another version of this program."""
    if stored.get("code") not in texts.TEXTS:
        return None
    return Finding(**{**stored, "needs": tuple(stored["needs"])})


def last_findings() -> tuple[list[Finding], datetime | None]:
    """What each step showed when it was last examined, and when the last examination was."""
    by_step: dict[int, list[Finding]] = {}
    latest = None
    for row in Examination.objects.order_by("-id")[:50]:
        latest = latest or row.finished_at
        for step in row.steps:
            if step not in by_step:
                by_step[step] = [
                    one for one in map(read, row.findings) if one is not None and one.step == step
                ]
        if len(by_step) == 5:
            break
    return [one for step in sorted(by_step) for one in by_step[step]], latest


def examinations() -> QuerySet[Examination]:
    """All that is remembered, for lists."""
    return Examination.objects.order_by("-id")


def notice() -> Notice | None:
    """What the home screen says about the integration; None when nothing is open. One statement."""
    rows = list(OpenFinding.objects.order_by("step", "id"))
    known = [row for row in rows if row.code in texts.TEXTS]
    if not known:
        return None
    first = known[0]
    return Notice(
        count=len(rows),
        since=min(row.first_seen_at for row in rows),
        finding=Finding(step=first.step, name=first.name, code=first.code, figures=first.figures),
    )


def open_count() -> float:
    """How many findings are open."""
    return float(OpenFinding.objects.count())


def seconds_since(now: datetime) -> float:
    """Seconds since the last examination of any kind; 0 when there was none."""
    last = Examination.objects.order_by("-finished_at").values_list("finished_at", flat=True).first()
    return (now - last).total_seconds() if last else 0.0

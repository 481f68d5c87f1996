"""Remember an examination: what is open now, what appeared and what was mended since the one before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.oms.doctor.domain import texts
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.models import Examination, OpenFinding

WATCH = "watch"


def record(
    found: Sequence[Finding],
    *,
    steps: Iterable[int],
    asked_by: str,
    started_at: datetime,
    finished_at: datetime,
) -> Examination:
    """Store the findings of `steps`; open ones of those steps that are not among them any more are mended.

    A watch that finds what the watch before it found only moves that one's time.
    """
    looked = sorted(set(steps))
    broken = {one.name: one for one in found if not texts.ok(one)}
    with transaction.atomic():
        before = {row.name: row for row in OpenFinding.objects.select_for_update().order_by("name")}
        mended = sorted(name for name, row in before.items() if row.step in looked and name not in broken)
        appeared = sorted(broken.keys() - before.keys())
        OpenFinding.objects.filter(name__in=mended).delete()
        _keep_open(broken.values(), finished_at)
        last = Examination.objects.order_by("-id").first()
        quiet = not appeared and not mended and asked_by == WATCH
        if quiet and last is not None and last.asked_by == WATCH and last.steps == looked:
            last.repeats += 1
            last.findings, last.finished_at = _stored(found), finished_at
            last.save(update_fields=["repeats", "findings", "finished_at"])
            return last
        return Examination.objects.create(
            asked_by=asked_by,
            steps=looked,
            ok=not broken,
            findings=_stored(found),
            appeared=appeared,
            mended=mended,
            started_at=started_at,
            finished_at=finished_at,
        )


def _keep_open(broken: Iterable[Finding], now: datetime) -> None:
    OpenFinding.objects.bulk_create(
        [
            OpenFinding(
                name=one.name[:200],
                step=one.step,
                code=one.code,
                figures=dict(one.figures),
                first_seen_at=now,
                last_seen_at=now,
            )
            for one in broken
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["step", "code", "figures", "last_seen_at"],
    )


def _stored(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [{**asdict(one), "figures": dict(one.figures), "needs": list(one.needs)} for one in found]

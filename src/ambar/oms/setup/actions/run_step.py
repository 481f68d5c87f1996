"""Start a Basic Setup step in the background, and run it there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from ambar.kit import work
from ambar.kit.refusals import Conflict
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.setup.models import Run
from ambar.oms.setup.steps import steps

SILENT_FOR = timedelta(minutes=5)
JOB = "setup_step"


class StillWorking(Conflict):
    """This step is already running."""

    code = "setup_100_1"


def start(name: str, *, now: datetime) -> Run:
    """Begin a run of the step `name` and hand it to the worker. Refused (`StillWorking`) while one is going on."""
    with transaction.atomic():
        Run.objects.get_or_create(step=name)
        row = Run.objects.select_for_update().get(step=name)
        if row.state == "WORKING" and row.beat_at is not None and row.beat_at > now - SILENT_FOR:
            raise StillWorking()
        row.state, row.number, row.error, row.detail = "WORKING", row.number + 1, "", {}
        row.done, row.total = 0, None
        row.started_at, row.beat_at, row.finished_at = now, now, None
        row.save()
        work.defer(JOB, step=name, number=row.number)
    return row


def shown(name: str, *, now: datetime) -> Run:
    """The step's latest run; one that fell silent is ABORTED."""
    Run.objects.filter(step=name, state="WORKING", beat_at__lt=now - SILENT_FOR).update(
        state="ABORTED", finished_at=now, error="the worker fell silent"
    )
    return Run.objects.filter(step=name).first() or Run(step=name)


def run(name: str, number: int, client: Callable[[], Client], *, now: Callable[[], datetime]) -> None:
    """Do the run; failures end on the row, in words. A run that was started anew meanwhile writes nothing more."""
    mine = Run.objects.filter(step=name, number=number, state="WORKING")

    def progress(more: int, total: int | None) -> None:
        changed: dict[str, Any] = {"done": F("done") + more, "beat_at": now()}
        if total is not None:
            changed["total"] = total
        mine.update(**changed)

    try:
        detail = steps()[name].run(client(), progress)
    except Exception as error:
        mine.update(state="FAILED", error=f"{type(error).__name__}: {error}"[:2000], finished_at=now())
        return
    mine.update(state="FINISHED", detail=detail, finished_at=now(), beat_at=now())

"""Step 4: a worker is at work, and reads from upstream."""

from __future__ import annotations

from django.db.models import Max

from ambar.kit.work import heartbeats
from ambar.oms.app_settings.models import Setting
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.upstream.models import Watermark

SILENT_SECONDS = 60.0


def check(visit: Visit) -> list[Finding]:
    """One finding about the worker, one per stream whose last reading failed.

    A failure from before the settings were last changed says nothing about them as they are now.
    """
    age = heartbeats.age_seconds(now=visit.now)
    if age is None or age > SILENT_SECONDS:
        return [Finding(step=4, name="worker", code="worker_silent")]
    found = [Finding(step=4, name="worker", code="worker_alive", figures={"seconds": max(0, round(age))})]
    changed = Setting.objects.aggregate(at=Max("modified_at"))["at"]
    failing = Watermark.objects.exclude(error="").order_by("stream")
    for stream, error, polled in failing.values_list("stream", "error", "polled_at"):
        is_past = None not in (polled, changed) and polled < changed
        found.append(
            Finding(
                step=4,
                name=f"intake.{stream}",
                code="intake_not_since" if is_past else "intake_fails",
                figures={"stream": stream, "error": error[:300]},
            )
        )
    return found if len(found) > 1 else [*found, Finding(step=4, name="intake", code="intake_reads")]

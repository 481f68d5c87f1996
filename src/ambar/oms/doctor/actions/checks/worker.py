"""Step 4: a worker is at work, and reads from upstream."""

from __future__ import annotations

from ambar.kit.work import heartbeats
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.visit import Visit
from ambar.oms.upstream.models import Watermark

SILENT_SECONDS = 60.0


def check(visit: Visit) -> list[Finding]:
    """One finding about the worker, one per stream whose last reading failed."""
    age = heartbeats.age_seconds(now=visit.now)
    if age is None or age > SILENT_SECONDS:
        return [Finding(step=4, name="worker", code="worker_silent")]
    found = [Finding(step=4, name="worker", code="worker_alive", figures={"seconds": max(0, round(age))})]
    failing = Watermark.objects.exclude(error="").order_by("stream").values_list("stream", "error")
    found += [
        Finding(
            step=4,
            name=f"intake.{stream}",
            code="intake_fails",
            figures={"stream": stream, "error": error[:300]},
        )
        for stream, error in failing
    ]
    return found if failing else [*found, Finding(step=4, name="intake", code="intake_reads")]

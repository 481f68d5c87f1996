"""The watch: the integration is examined every so often, and what drifted is told."""

from __future__ import annotations

from datetime import timedelta

import structlog

from ambar.kit import clock, health, work
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.doctor import configured, queries
from ambar.oms.doctor.actions.examine import examine
from ambar.oms.doctor.actions.record import WATCH
from ambar.oms.doctor.domain import texts
from ambar.oms.doctor.models import Examination
from ambar.oms.doctor.visit import CLIENT_KEY

log = structlog.get_logger("ambar.doctor")
EARLY = timedelta(seconds=5)
"""A watch that comes this much before its time is not put off by another minute."""
SOON = timedelta(minutes=1)
LOOKS_SOON = 5
KEEP = timedelta(days=90)
JOB = "doctor_watch"


@work.job(JOB, every=60)
def doctor_watch() -> None:
    """Examine when it is time: DOCTOR_SETTINGS.every_minutes, 0 for never. What was never set up is not watched."""
    now = clock.now()
    every = configured.interval()
    last = Examination.objects.filter(asked_by=WATCH).order_by("-id").first()
    if every is None or (last is not None and last.finished_at + _pause(last, every) - EARLY > now):
        return
    if last is None and settings_queries.value(CLIENT_KEY) is None:
        return
    found = examine(asked_by=WATCH, now=now, deep=False)
    wrong = [one.name for one in found if not texts.ok(one)]
    if wrong:
        log.warning("integration_drifted", findings=wrong)
    Examination.objects.filter(finished_at__lt=now - KEEP).delete()


def _pause(last: Examination, every: timedelta) -> timedelta:
    """A minute for a while after something was found: what was only being set up, or is mended, is soon seen so."""
    return min(every, SOON) if not last.ok and last.repeats < LOOKS_SOON else every


health.gauge("doctor_open_findings", queries.open_count)
health.gauge("doctor_seconds_since_examination", lambda: queries.seconds_since(clock.now()))

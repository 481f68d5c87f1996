"""Housekeeping of the wire."""

from __future__ import annotations

from .. import clock, work
from . import idempotency, shed


@work.job("rest.purge_stored_answers", every=3600)
def purge_stored_answers() -> None:
    idempotency.purge(now=clock.now())


@work.job("rest.purge_shed", every=24 * 3600)
def purge_shed() -> None:
    shed.purge(now=clock.now())

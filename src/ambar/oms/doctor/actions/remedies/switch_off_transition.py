"""Switch off a transition whose command does not exist or does not fit: nobody could run it anyway."""

from __future__ import annotations

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done
from ambar.oms.doctor.visit import Visit
from ambar.oms.states import queries


def switch_off_transition(visit: Visit, finding: Finding, given: Given) -> Mended:
    """The row stays, inactive. The checks of saving would refuse it, so only the flag is written."""
    slug = str(finding.figures["slug"])
    queries.transitions().filter(slug=slug).update(is_active=False, modified_at=visit.now)
    queries.forget()
    return done(f"{slug} switched off", f"{slug} kapatıldı")

"""Switch off all hooks but one that send the same event to the same address."""

from __future__ import annotations

from ambar.kit.outbox.actions.save_hook import switch_off
from ambar.kit.outbox.models import Hook
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, already, done
from ambar.oms.doctor.visit import Visit


def switch_off_twins(visit: Visit, finding: Finding, given: Given) -> Mended:
    """The oldest stays on: its deliveries under way go on in their order."""
    alike = Hook.objects.filter(
        event_type=finding.figures["event"], target_url=finding.figures["url"], is_active=True
    ).order_by("id")
    spare = [hook.pk for hook in alike[1:]]
    for pk in spare:
        switch_off(pk, now=visit.now)
    listed = ", ".join(str(pk) for pk in spare)
    if not spare:
        return already("only one is on", "yalnız biri açık")
    return done(f"hooks {listed} switched off", f"{listed} numaralı webhook'lar kapatıldı")

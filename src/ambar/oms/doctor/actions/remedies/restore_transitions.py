"""Switch the seeded transitions on again that lead out of a dead end, or to an event nobody reaches."""

from __future__ import annotations

from django.db.models import Q

from ambar.kit.refusals import Invalid
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed
from ambar.oms.doctor.visit import Visit
from ambar.oms.states import queries, store
from ambar.oms.states.actions.save_transition import save_transition
from ambar.oms.states.domain import seed
from ambar.oms.states.domain.codes import ENUM_OF_KIND


def restore_transitions(visit: Visit, finding: Finding, given: Given) -> Mended:
    """Deleted ones are planted again, inactive ones of this state switched on."""
    kind, state = str(finding.figures.get("kind") or "package"), str(finding.figures["state"])
    value = state[state.rindex("(") + 1 : -1]
    ends = (
        Q(destination__enum_value=value)
        if finding.code == "event_unreachable"
        else Q(source__enum_value=value)
    )
    slugs = [row[0] for row in (*seed.PACKAGE_TRANSITIONS, *seed.TRANSFER_TRANSITIONS)]
    mine = queries.transitions().filter(ends, slug__in=slugs, source__enum_class=ENUM_OF_KIND[kind])
    before = set(mine.filter(is_active=True).values_list("slug", flat=True))
    store.plant(now=visit.now)
    for row in mine.filter(is_active=False):
        try:
            save_transition({"is_active": True}, transition_id=row.pk, now=visit.now)
        except Invalid:
            continue
    queries.forget()
    changed = sorted(set(mine.filter(is_active=True).values_list("slug", flat=True)) - before)
    if not changed:
        return failed(
            f"no seeded transition leads there; add one for {state}",
            f"oraya götüren başlangıç geçişi yok; {state} için bir tane ekleyin",
        )
    listed = ", ".join(changed)
    return done(f"switched on again: {listed}", f"yeniden açıldı: {listed}")

"""Delete a state transition."""

from __future__ import annotations

from django.db import transaction

from ambar.kit.refusals import Conflict, NotFound
from ambar.oms.states import queries
from ambar.oms.states.domain import seed
from ambar.oms.states.models import StateTransition


class Seeded(Conflict):
    """Every installation has this transition, and the next migration would bring it back: switch it off with is_active."""

    code = "transition_is_seeded"


def delete_transition(transition_id: int) -> None:
    """Delete it; the log keeps its slug. Raises `NotFound`, `Seeded`. Akinon OMS: state transitions."""
    with transaction.atomic():
        row = StateTransition.objects.select_for_update().filter(pk=transition_id).first()
        if row is None:
            raise NotFound("State transition not found.")
        if row.slug in {given[0] for given in (*seed.PACKAGE_TRANSITIONS, *seed.TRANSFER_TRANSITIONS)}:
            raise Seeded()
        row.delete()
    queries.forget()

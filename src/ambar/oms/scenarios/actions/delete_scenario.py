"""Delete a scenario that never planned anything."""

from django.db import transaction

from ambar.kit import clock
from ambar.kit.refusals import Conflict
from ambar.oms.scenarios import store
from ambar.oms.scenarios.kinds import Kind


def delete_scenario(kind: Kind, scenario_id: int) -> str:
    """Remove a draft with its versions; answers its name. What was active once stays, as decisions refer to it.

    Raises `NotFound`, `Conflict`.
    """
    with transaction.atomic():
        scenario = store.lock(kind, scenario_id)
        if scenario.is_active:
            raise Conflict(
                "An active scenario cannot be deleted: deactivate it instead.", code="scenario_is_active"
            )
        if scenario.activated_at is not None:
            raise Conflict(
                f"This scenario was active from {clock.iso(scenario.activated_at)} on and decisions refer to it:"
                " it is kept, inactive.",
                code="scenario_was_active",
            )
        store.delete(kind, scenario)
        name: str = scenario.name
        return name

"""Distribution scenarios over REST."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.scenarios import schemas
from ambar.oms.scenarios.actions.save_scenario import save_scenario
from ambar.oms.scenarios.models import DistributionScenario

router = rest.Router()

FILTERS = rest.Filters(
    {"id": rest.id_list("id__in"), "name": rest.exact("name"), "is_active": rest.boolean("is_active")}
)
SORT = {"id": "id", "name": "name", "priority": "priority", "modified_date": "modified_at"}


@router.get("/distribution-scenarios/")
@rest.needs("scenarios:read")
def list_scenarios(request: HttpRequest) -> dict[str, Any]:
    """Scenarios in the order they are asked."""
    return rest.page(
        request,
        DistributionScenario.objects.prefetch_related("rules"),
        schemas.scenarios,
        filters=FILTERS,
        sort=SORT,
        default_sort="priority",
    )


@router.post("/distribution-scenarios/")
@rest.needs("scenarios:write")
@rest.idempotent
def create_scenario(request: HttpRequest, body: schemas.ScenarioBody) -> rest.Raw:
    """Create a scenario with its chain of rules; it counts once it is active."""
    made = save_scenario(body.model_dump(), now=clock.now())
    accounts.audit(
        request.principal, "scenario.created", "distribution_scenario", made.pk, {"name": made.name}
    )
    return rest.Raw(201, _answer(made.pk))


@router.get("/distribution-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:read")
def read_scenario(request: HttpRequest, scenario_id: int) -> dict[str, Any]:
    return _answer(scenario_id)


@router.patch("/distribution-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:write")
def change_scenario(request: HttpRequest, scenario_id: int, body: schemas.ScenarioPatch) -> dict[str, Any]:
    """Change a scenario; orders already planned keep their plan."""
    given = body.model_dump(exclude_unset=True)
    empty = sorted(name for name, value in given.items() if value is None)
    if empty:
        raise Invalid(fields={name: ["This field may not be null."] for name in empty})
    save_scenario(given, scenario_id=scenario_id, now=clock.now())
    accounts.audit(
        request.principal, "scenario.changed", "distribution_scenario", scenario_id, {"fields": sorted(given)}
    )
    return _answer(scenario_id)


@router.post("/distribution-scenarios/{int:scenario_id}/activate/")
@rest.needs("scenarios:write")
def activate_scenario(request: HttpRequest, scenario_id: int) -> dict[str, Any]:
    """From now on orders are planned by it; held orders it matches are planned at once."""
    return _switch(request, scenario_id, is_active=True)


@router.post("/distribution-scenarios/{int:scenario_id}/deactivate/")
@rest.needs("scenarios:write")
def deactivate_scenario(request: HttpRequest, scenario_id: int) -> dict[str, Any]:
    """Orders are no longer planned by it."""
    return _switch(request, scenario_id, is_active=False)


def _switch(request: HttpRequest, scenario_id: int, *, is_active: bool) -> dict[str, Any]:
    save_scenario({"is_active": is_active}, scenario_id=scenario_id, now=clock.now())
    act = "scenario.activated" if is_active else "scenario.deactivated"
    accounts.audit(request.principal, act, "distribution_scenario", scenario_id, {})
    return _answer(scenario_id)


def _answer(scenario_id: int) -> dict[str, Any]:
    found = DistributionScenario.objects.prefetch_related("rules").filter(pk=scenario_id).first()
    if found is None:
        raise NotFound("Not found.")
    return schemas.scenarios([found])[0]

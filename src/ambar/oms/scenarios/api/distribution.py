"""Distribution scenarios over REST."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.oms.scenarios import schemas
from ambar.oms.scenarios.api import handling
from ambar.oms.scenarios.api.router import router
from ambar.oms.scenarios.kinds import DISTRIBUTION


@router.get("/distribution-scenarios/")
@rest.needs("scenarios:read")
def list_scenarios(request: HttpRequest) -> dict[str, Any]:
    """Scenarios in the order they are asked."""
    return handling.listed(request, DISTRIBUTION)


@router.post("/distribution-scenarios/")
@rest.needs("scenarios:write")
@rest.idempotent
def create_scenario(request: HttpRequest, body: schemas.ScenarioBody) -> rest.Raw:
    """Create a scenario with its chain of rules; it counts once it is active. `findings` is what the linter says."""
    return handling.created(request, DISTRIBUTION, body)


@router.post("/distribution-scenarios/order/")
@rest.needs("scenarios:write")
def order_scenarios(request: HttpRequest, body: schemas.OrderBody) -> dict[str, Any]:
    """Say in which order the active scenarios are asked; every one must be named, else 400."""
    return handling.ordered(request, DISTRIBUTION, body)


@router.get("/distribution-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:read")
def read_scenario(request: HttpRequest, scenario_id: int) -> dict[str, Any]:
    """One scenario with its rules, conditions also in words."""
    return handling.read(DISTRIBUTION, scenario_id)


@router.patch("/distribution-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:write")
def change_scenario(request: HttpRequest, scenario_id: int, body: schemas.ScenarioPatch) -> dict[str, Any]:
    """Change a scenario; orders already planned keep their plan. 406 when `expected_version` is overtaken."""
    return handling.changed(request, DISTRIBUTION, scenario_id, body)


@router.delete("/distribution-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:write")
def delete_scenario(request: HttpRequest, scenario_id: int) -> rest.Raw:
    """Delete a draft; what was active once is kept (406)."""
    return handling.deleted(request, DISTRIBUTION, scenario_id)


@router.post("/distribution-scenarios/{int:scenario_id}/activate/")
@rest.needs("scenarios:write")
def activate_scenario(
    request: HttpRequest, scenario_id: int, body: schemas.SwitchBody | None = None
) -> dict[str, Any]:
    """From now on orders are planned by it; held orders it matches are planned at once."""
    return handling.switched(request, DISTRIBUTION, scenario_id, body, is_active=True)


@router.post("/distribution-scenarios/{int:scenario_id}/deactivate/")
@rest.needs("scenarios:write")
def deactivate_scenario(
    request: HttpRequest, scenario_id: int, body: schemas.SwitchBody | None = None
) -> dict[str, Any]:
    """Orders are no longer planned by it."""
    return handling.switched(request, DISTRIBUTION, scenario_id, body, is_active=False)


@router.post("/distribution-scenarios/{int:scenario_id}/copy/")
@rest.needs("scenarios:write")
@rest.idempotent
def copy_scenario(request: HttpRequest, scenario_id: int, body: schemas.CopyBody) -> rest.Raw:
    """An inactive copy under another name."""
    return handling.copied(request, DISTRIBUTION, scenario_id, body)


@router.get("/distribution-scenarios/{int:scenario_id}/versions/")
@rest.needs("scenarios:read")
def list_scenario_versions(request: HttpRequest, scenario_id: int) -> dict[str, Any]:
    """What was saved, by whom and why, the last first."""
    return handling.kept(request, DISTRIBUTION, scenario_id)


@router.get("/distribution-scenarios/{int:scenario_id}/versions/{int:number}/")
@rest.needs("scenarios:read")
def read_scenario_version(request: HttpRequest, scenario_id: int, number: int) -> dict[str, Any]:
    """One version: the scenario as it stood then, and the fields that differ from the version before."""
    return handling.kept_one(DISTRIBUTION, scenario_id, number)


@router.post("/distribution-scenarios/{int:scenario_id}/go-back/")
@rest.needs("scenarios:write")
def go_back_scenario(request: HttpRequest, scenario_id: int, body: schemas.GoBackBody) -> dict[str, Any]:
    """Bring an earlier version back as a new one; whether it is active stays as it is."""
    return handling.gone_back(request, DISTRIBUTION, scenario_id, body)

"""Transfer scenarios over REST."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.oms.scenarios import schemas
from ambar.oms.scenarios.api import handling
from ambar.oms.scenarios.api.router import router
from ambar.oms.scenarios.kinds import TRANSFER


@router.get("/transfer-scenarios/")
@rest.needs("scenarios:read")
def list_transfer_scenarios(request: HttpRequest) -> dict[str, Any]:
    """Transfer scenarios in the order they are asked."""
    return handling.listed(request, TRANSFER)


@router.post("/transfer-scenarios/")
@rest.needs("scenarios:write")
@rest.idempotent
def create_transfer_scenario(request: HttpRequest, body: schemas.TransferScenarioBody) -> rest.Raw:
    """Create a transfer scenario with its package rules; it counts once it is active. `findings` is what the linter says."""
    return handling.created(request, TRANSFER, body)


@router.post("/transfer-scenarios/order/")
@rest.needs("scenarios:write")
def order_transfer_scenarios(request: HttpRequest, body: schemas.OrderBody) -> dict[str, Any]:
    """Say in which order the active transfer scenarios are asked; every one must be named, else 400."""
    return handling.ordered(request, TRANSFER, body)


@router.get("/transfer-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:read")
def read_transfer_scenario(request: HttpRequest, scenario_id: int) -> dict[str, Any]:
    """One transfer scenario with its rules, conditions also in words."""
    return handling.read(TRANSFER, scenario_id)


@router.patch("/transfer-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:write")
def change_transfer_scenario(
    request: HttpRequest, scenario_id: int, body: schemas.TransferScenarioPatch
) -> dict[str, Any]:
    """Change a transfer scenario; orders already planned keep their plan. 406 when `expected_version` is overtaken."""
    return handling.changed(request, TRANSFER, scenario_id, body)


@router.delete("/transfer-scenarios/{int:scenario_id}/")
@rest.needs("scenarios:write")
def delete_transfer_scenario(request: HttpRequest, scenario_id: int) -> rest.Raw:
    """Delete a draft; what was active once is kept (406)."""
    return handling.deleted(request, TRANSFER, scenario_id)


@router.post("/transfer-scenarios/{int:scenario_id}/activate/")
@rest.needs("scenarios:write")
def activate_transfer_scenario(
    request: HttpRequest, scenario_id: int, body: schemas.SwitchBody | None = None
) -> dict[str, Any]:
    """From now on transfers are found by it."""
    return handling.switched(request, TRANSFER, scenario_id, body, is_active=True)


@router.post("/transfer-scenarios/{int:scenario_id}/deactivate/")
@rest.needs("scenarios:write")
def deactivate_transfer_scenario(
    request: HttpRequest, scenario_id: int, body: schemas.SwitchBody | None = None
) -> dict[str, Any]:
    """Transfers are no longer found by it."""
    return handling.switched(request, TRANSFER, scenario_id, body, is_active=False)


@router.post("/transfer-scenarios/{int:scenario_id}/copy/")
@rest.needs("scenarios:write")
@rest.idempotent
def copy_transfer_scenario(request: HttpRequest, scenario_id: int, body: schemas.CopyBody) -> rest.Raw:
    """An inactive copy under another name."""
    return handling.copied(request, TRANSFER, scenario_id, body)


@router.get("/transfer-scenarios/{int:scenario_id}/versions/")
@rest.needs("scenarios:read")
def list_transfer_scenario_versions(request: HttpRequest, scenario_id: int) -> dict[str, Any]:
    """What was saved, by whom and why, the last first."""
    return handling.kept(request, TRANSFER, scenario_id)


@router.get("/transfer-scenarios/{int:scenario_id}/versions/{int:number}/")
@rest.needs("scenarios:read")
def read_transfer_scenario_version(request: HttpRequest, scenario_id: int, number: int) -> dict[str, Any]:
    """One version: the transfer scenario as it stood then, and the fields that differ from the version before."""
    return handling.kept_one(TRANSFER, scenario_id, number)


@router.post("/transfer-scenarios/{int:scenario_id}/go-back/")
@rest.needs("scenarios:write")
def go_back_transfer_scenario(
    request: HttpRequest, scenario_id: int, body: schemas.GoBackBody
) -> dict[str, Any]:
    """Bring an earlier version back as a new one; whether it is active stays as it is."""
    return handling.gone_back(request, TRANSFER, scenario_id, body)

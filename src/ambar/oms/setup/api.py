"""Akinon OMS: Basic Setup. Every step has `is_required/`, `execute/` and `get_async_status/`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.refusals import NotFound
from ambar.oms.omnitron_client.asking import upstream
from ambar.oms.setup.actions import run_step
from ambar.oms.setup.models import Run
from ambar.oms.setup.steps import Step, steps

router = rest.Router()


def _step(name: str) -> Step:
    step = steps().get(name)
    if step is None:
        raise NotFound("There is no such setup step.")
    return step


def _status(row: Run) -> dict[str, Any]:
    return {
        "step": row.step,
        "status": row.state,
        "total": row.total,
        "done": row.done,
        "detail": row.detail,
        "error": row.error,
        "started_date": row.started_at,
        "finished_date": row.finished_at,
    }


def _is_required(name: str) -> dict[str, Any]:
    step = _step(name)
    with upstream() as client:
        needed = step.is_required(client)
    return {"is_required": needed.is_required, "detail": needed.detail}


def _execute(request: HttpRequest, name: str) -> Any:
    _step(name)
    with upstream():
        pass
    row = run_step.start(name, now=clock.now())
    accounts.audit(request.principal, "setup.executed", "setup_step", row.pk, {"step": name})
    return rest.Raw(204)


@router.get("/setup/")
@rest.needs("setup:read")
def list_steps(request: HttpRequest) -> Any:
    """All steps with how their latest runs went."""
    now = clock.now()
    return {
        "steps": [
            {**_status(run_step.shown(name, now=now)), "path": step.path} for name, step in steps().items()
        ]
    }


@router.get("/setup/{step}/is_required/")
@rest.needs("setup:read")
def is_required(request: HttpRequest, step: str) -> Any:
    """Whether upstream has what is missing here."""
    return _is_required(step)


@router.post("/setup/{step}/execute/")
@rest.needs("setup:write")
def execute(request: HttpRequest, step: str) -> Any:
    """Start the step in the background: 204; 406 while it is running."""
    return _execute(request, step)


@router.get("/setup/{step}/get_async_status/")
@rest.needs("setup:read")
def get_async_status(request: HttpRequest, step: str) -> Any:
    """READY, WORKING, FINISHED, FAILED or ABORTED, with figures."""
    return _status(run_step.shown(_step(step).name, now=clock.now()))


@router.get("/stock_locations/is_required/")
@rest.needs("setup:read")
def stores_are_required(request: HttpRequest) -> Any:
    """As `setup/stock_locations/is_required/`, under the documented path."""
    return _is_required("stock_locations")


@router.post("/stock_locations/execute/")
@rest.needs("setup:write")
def execute_stores(request: HttpRequest) -> Any:
    """As `setup/stock_locations/execute/`, under the documented path."""
    return _execute(request, "stock_locations")


@router.get("/stock_locations/get_async_status/")
@rest.needs("setup:read")
def get_stores_status(request: HttpRequest) -> Any:
    """As `setup/stock_locations/get_async_status/`, under the documented path."""
    return _status(run_step.shown("stock_locations", now=clock.now()))

"""The doctor over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.doctor.actions import examine as examining

router = rest.Router()


@router.get("/doctor/")
@rest.needs("doctor:read")
def examine(request: HttpRequest) -> Any:
    """All findings; `step=1` (repeatable) asks for some only. `ok` is true when every finding is."""
    unknown = sorted(set(request.GET) - {"step"})
    if unknown:
        raise Invalid(fields={name: ["Unknown filter."] for name in unknown})
    steps = request.GET.getlist("step")
    allowed = {str(step) for step in examining.CHECKS}
    if not set(steps) <= allowed:
        raise Invalid(fields={"step": [f"Must be one of {', '.join(sorted(allowed))}."]})
    findings = examining.examine(int(step) for step in steps)
    return {
        "ok": all(finding.ok for finding in findings),
        "findings": [asdict(finding) for finding in findings],
    }

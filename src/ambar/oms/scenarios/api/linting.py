"""The linter over REST."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import clock, rest
from ambar.oms.scenarios.actions.lint import lint_scenarios
from ambar.oms.scenarios.api.router import router


@router.get("/scenarios/lint/")
@rest.needs("scenarios:read")
def lint_all(request: HttpRequest) -> dict[str, Any]:
    """What is wrong with the active scenarios together, the worst first, each with cause, effect and fix."""
    return lint_scenarios(now=clock.now())

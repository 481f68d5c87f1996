"""The condition language over REST: its fields, and what a tree says and matches."""

from typing import Any

from django.http import HttpRequest

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.oms.scenarios import schemas
from ambar.oms.scenarios.actions.describe_condition import ABOUT, condition_fields, describe_condition
from ambar.oms.scenarios.api.router import router


@router.get("/condition-fields/")
@rest.needs("scenarios:read")
def list_condition_fields(request: HttpRequest) -> dict[str, Any]:
    """Fields and operators of conditions about `?about=order|product|location`, with labels in English and Turkish."""
    unknown = sorted(set(request.GET) - {"about"})
    if unknown:
        raise Invalid(fields={name: ["Unknown parameter."] for name in unknown})
    about = request.GET.get("about", "")
    if about not in ABOUT:
        raise Invalid(fields={"about": [f"Must be one of {', '.join(ABOUT)}."]})
    return condition_fields(about)


@router.post("/conditions/describe/")
@rest.needs("scenarios:read")
def describe(request: HttpRequest, body: schemas.ConditionBody) -> dict[str, Any]:
    """A condition as a sentence, and how many of the last 1,000 orders (or which share of the locations) it matches."""
    return describe_condition(body.about, body.tree)

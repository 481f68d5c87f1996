"""Wire shapes of distribution scenarios."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from ambar.kit import clock, rest
from ambar.kit.conditions import parse
from ambar.oms.scenarios.domain import fields
from ambar.oms.scenarios.domain.rules import CRITERIA
from ambar.oms.scenarios.models import DistributionRule, DistributionScenario

ConditionType = Literal["static", "dynamic"]
Small = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Values = Annotated[list[str | int], Field(max_length=1000)]
Tree = dict[str, Any]
Status = Literal[100, 150, 200]
RULE_FIELDS = (
    "name", "product_mode", "product_condition", "location_condition", "split_policy", "max_packages",
    "split_above_amount", "transferable", "selectors",
)  # fmt: skip


class RuleBody(rest.Body):
    """One rule of the chain."""

    name: Name
    product_mode: Literal["all", "only", "except"] = "all"
    product_condition: Tree = {}
    location_condition: Tree = {}
    split_policy: Literal["whole_order", "whole_lines", "free"] = "whole_order"
    max_packages: Annotated[int, Field(ge=1, le=1000)] | None = None
    split_above_amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] | None = None
    transferable: bool = False
    selectors: Annotated[list[str], Field(max_length=20)] = []


class ScenarioBody(rest.Body):
    """A scenario to create."""

    name: Name
    default_location: rest.Id
    description: str = ""
    is_active: bool = False
    priority: Small = 100
    channel_condition_type: ConditionType = "dynamic"
    channel_values: Annotated[list[int], Field(max_length=1000)] = []
    channel_query: Tree = {}
    shipping_condition_type: ConditionType = "dynamic"
    shipping_values: Values = []
    shipping_query: Tree = {}
    payment_condition_type: ConditionType = "dynamic"
    payment_values: Values = []
    payment_query: Tree = {}
    customer_type_condition_type: ConditionType = "dynamic"
    customer_type_values: Values = []
    customer_type_query: Tree = {}
    initial_status: Status = 100
    initial_status_multiple: Status = 100
    rules: Annotated[list[RuleBody], Field(max_length=100)] = []


class ScenarioPatch(rest.Body):
    """Fields to change; `rules`, when given, replaces the whole chain."""

    name: Name | None = None
    default_location: rest.Id | None = None
    description: str | None = None
    is_active: bool | None = None
    priority: Small | None = None
    channel_condition_type: ConditionType | None = None
    channel_values: Annotated[list[int], Field(max_length=1000)] | None = None
    channel_query: Tree | None = None
    shipping_condition_type: ConditionType | None = None
    shipping_values: Values | None = None
    shipping_query: Tree | None = None
    payment_condition_type: ConditionType | None = None
    payment_values: Values | None = None
    payment_query: Tree | None = None
    customer_type_condition_type: ConditionType | None = None
    customer_type_values: Values | None = None
    customer_type_query: Tree | None = None
    initial_status: Status | None = None
    initial_status_multiple: Status | None = None
    rules: Annotated[list[RuleBody], Field(max_length=100)] | None = None


SCENARIO_FIELDS = tuple(
    name for name in ScenarioBody.model_fields if name not in ("default_location", "rules")
)


def draft_of(scenario: DistributionScenario) -> dict[str, Any]:
    """The scenario as an editable draft, rules included."""
    return {
        **{name: getattr(scenario, name) for name in SCENARIO_FIELDS},
        "default_location": scenario.default_location_id,
        "rules": [_rule_draft(rule) for rule in scenario.rules.all()] if scenario.pk else [],
    }


def _rule_draft(rule: DistributionRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in RULE_FIELDS}


def scenarios(rows: Iterable[DistributionScenario]) -> list[dict[str, Any]]:
    """Scenarios as answered; every condition also in words."""
    return [
        {
            "id": row.pk,
            **{name: getattr(row, name) for name in SCENARIO_FIELDS},
            "default_location": row.default_location_id,
            "words": {
                name: parse(getattr(row, f"{name}_query"), fields.ORDER).sentence()
                for name in CRITERIA
                if getattr(row, f"{name}_condition_type") == "dynamic"
            },
            "rules": [_rule(rule) for rule in row.rules.all()],
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]


def _rule(rule: DistributionRule) -> dict[str, Any]:
    above = rule.split_above_amount
    return {
        "id": rule.pk,
        **_rule_draft(rule),
        "split_above_amount": None if above is None else f"{Decimal(above):.2f}",
        "words": {
            "products": parse(rule.product_condition, fields.PRODUCT).sentence(),
            "locations": parse(rule.location_condition, fields.LOCATION).sentence(),
        },
    }

"""Wire shapes of scenarios, their versions and shipping costs."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from ambar.kit import clock, rest
from ambar.kit.conditions import parse
from ambar.oms.scenarios.domain import fields
from ambar.oms.scenarios.domain.rules import CRITERIA
from ambar.oms.scenarios.kinds import DISTRIBUTION, TRANSFER, Kind
from ambar.oms.scenarios.models import (
    DistributionRule,
    DistributionScenario,
    Prerequisites,
    ScenarioVersion,
    ShippingCost,
    ShippingCostVersion,
    TransferRule,
    TransferScenario,
)

ConditionType = Literal["static", "dynamic"]
Small = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Note = Annotated[str, Field(max_length=2000)]
Values = Annotated[list[str | int], Field(max_length=1000)]
Channels = Annotated[list[int], Field(max_length=1000)]
Tree = dict[str, Any]
Status = Literal[100, 150, 200]
ProductMode = Literal["all", "only", "except"]
Selectors = Annotated[list[str], Field(max_length=20)]
Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Expected = Annotated[int, Field(ge=0, le=2**31 - 1)]
META = ("note", "expected_version")
"""Fields of a body that say something about the change, not about the scenario."""


class RuleBody(rest.Body):
    """One rule of a distribution scenario's chain."""

    name: Name
    product_mode: ProductMode = "all"
    product_condition: Tree = {}
    location_condition: Tree = {}
    split_policy: Literal["whole_order", "whole_lines", "free"] = "whole_order"
    max_packages: Annotated[int, Field(ge=1, le=1000)] | None = None
    split_above_amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] | None = None
    transferable: bool = False
    selectors: Selectors = []


class TransferRuleBody(rest.Body):
    """One package rule of a transfer scenario."""

    name: Name
    location_condition: Tree = {}
    product_mode: ProductMode = "all"
    product_condition: Tree = {}
    source_condition: Tree = {}
    selectors: Selectors = []


class _Criteria(rest.Body):
    description: str = ""
    is_active: bool = False
    priority: Small = 100
    channel_condition_type: ConditionType = "dynamic"
    channel_values: Channels = []
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
    note: Note = ""


class ScenarioBody(_Criteria):
    """A distribution scenario to create. `note` goes to its first version."""

    name: Name
    default_location: rest.Id
    initial_status: Status = 100
    initial_status_multiple: Status = 100
    replan_in_part: bool = False
    rules: Annotated[list[RuleBody], Field(max_length=100)] = []


class TransferScenarioBody(_Criteria):
    """A transfer scenario to create. `note` goes to its first version."""

    name: Name
    rules: Annotated[list[TransferRuleBody], Field(max_length=100)] = []


class _CriteriaPatch(rest.Body):
    name: Name | None = None
    description: str | None = None
    is_active: bool | None = None
    priority: Small | None = None
    channel_condition_type: ConditionType | None = None
    channel_values: Channels | None = None
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
    note: Note | None = None
    expected_version: Expected | None = None


class ScenarioPatch(_CriteriaPatch):
    """Fields to change; `rules`, when given, replaces the whole chain.

    With `expected_version` the change is refused (406) when somebody else saved after that version.
    """

    default_location: rest.Id | None = None
    initial_status: Status | None = None
    initial_status_multiple: Status | None = None
    replan_in_part: bool | None = None
    rules: Annotated[list[RuleBody], Field(max_length=100)] | None = None


class TransferScenarioPatch(_CriteriaPatch):
    """Fields to change; `rules`, when given, replaces the whole chain. `expected_version` as for distribution."""

    rules: Annotated[list[TransferRuleBody], Field(max_length=100)] | None = None


class SwitchBody(rest.Body):
    """Why a scenario is switched on or off."""

    note: Note = ""
    expected_version: Expected | None = None


class OrderBody(rest.Body):
    """Every active scenario once, the one to be asked first in front."""

    ids: Annotated[list[rest.Id], Field(max_length=1000)]
    note: Note = ""


class CopyBody(rest.Body):
    """The name of the copy."""

    name: Name
    note: Note = ""


class GoBackBody(rest.Body):
    """The version that shall stand again."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Note = ""
    expected_version: Expected | None = None


class CostBody(rest.Body):
    """The shipping costs of one zone, in the installation's currency."""

    zone: Literal["same_township", "same_city", "same_country", "abroad"]
    parcel: Money
    per_kg: Money = Decimal(0)


class CostsBody(rest.Body):
    """The whole table, and why. With `expected_version` (that of the last version kept, 0 without any) the change is
    refused (406) when somebody else saved after it.
    """

    costs: Annotated[list[CostBody], Field(max_length=100)]
    note: Note = ""
    expected_version: Expected | None = None


class CostPatch(rest.Body):
    """Amounts to change."""

    parcel: Money | None = None
    per_kg: Money | None = None
    note: Note | None = None
    expected_version: Expected | None = None


class ConditionBody(rest.Body):
    """A condition tree and what it is about."""

    about: Literal["order", "product", "location"]
    tree: Tree


def scenarios(rows: Iterable[DistributionScenario]) -> list[dict[str, Any]]:
    """Distribution scenarios as answered; every condition also in words."""
    return [_answer(DISTRIBUTION, row, [_rule(rule) for rule in row.rules.all()]) for row in rows]


def transfer_scenarios(rows: Iterable[TransferScenario]) -> list[dict[str, Any]]:
    """Transfer scenarios as answered; every condition also in words."""
    return [_answer(TRANSFER, row, [_transfer_rule(rule) for rule in row.rules.all()]) for row in rows]


def _answer(kind: Kind, row: Prerequisites, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row.pk,
        **{name: value for name, value in kind.draft_of(row).items() if name != "rules"},
        "words": {
            name: _said(getattr(row, f"{name}_query"), fields.ORDER)
            for name in CRITERIA
            if getattr(row, f"{name}_condition_type") == "dynamic"
        },
        "rules": rules,
        "version": row.version,
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


def _said(tree: Tree, known: Any) -> str:
    return parse(tree, known).sentence()


def _rule(rule: DistributionRule) -> dict[str, Any]:
    above = rule.split_above_amount
    return {
        "id": rule.pk,
        **{name: getattr(rule, name) for name in DISTRIBUTION.rule_fields},
        "split_above_amount": None if above is None else f"{Decimal(above):.2f}",
        "words": {
            "products": _said(rule.product_condition, fields.PRODUCT),
            "locations": _said(rule.location_condition, fields.LOCATION),
        },
    }


def _transfer_rule(rule: TransferRule) -> dict[str, Any]:
    return {
        "id": rule.pk,
        **{name: getattr(rule, name) for name in TRANSFER.rule_fields},
        "words": {
            "locations": _said(rule.location_condition, fields.LOCATION),
            "products": _said(rule.product_condition, fields.PRODUCT),
            "sources": _said(rule.source_condition, fields.LOCATION),
        },
    }


def versions(rows: Iterable[ScenarioVersion]) -> list[dict[str, Any]]:
    """Versions without their bodies."""
    return [
        {
            "version": row.number,
            "act": row.act,
            "is_active": row.body.get("is_active", False),
            **_kept(row),
        }
        for row in rows
    ]


def _kept(row: ScenarioVersion | ShippingCostVersion) -> dict[str, Any]:
    return {
        "author": row.author,
        "note": row.note,
        "rules_hash": row.rules_hash,
        "date": clock.iso(row.at),
    }


def version(row: ScenarioVersion, before: ScenarioVersion | None) -> dict[str, Any]:
    """One version with its body and the names of the fields that differ from the version before."""
    old = before.body if before is not None else {}
    changed = sorted(name for name in {*row.body, *old} if row.body.get(name) != old.get(name))
    return {**versions([row])[0], "changed": changed, "body": row.body}


def cost_versions(rows: Iterable[ShippingCostVersion]) -> list[dict[str, Any]]:
    """Versions of the cost table; it is short, so each holds its rows."""
    return [{"version": row.number, "act": row.act, **_kept(row), "costs": row.body} for row in rows]


def costs(rows: Iterable[ShippingCost]) -> list[dict[str, Any]]:
    """Rows of the cost table."""
    return [
        {
            "id": row.pk,
            "zone": row.zone,
            "parcel": f"{row.parcel:.2f}",
            "per_kg": f"{row.per_kg:.2f}",
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]

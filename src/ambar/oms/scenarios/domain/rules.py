"""Distribution scenarios as the planner reads them: immutable, parsed once, content-hashed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from ambar.kit.conditions import Condition, parse
from ambar.kit.text import turkish_fold
from ambar.oms.scenarios.domain import fields

WAITING, WAITING_REMOTE_ACTION, PREPARING, OUT_OF_STOCK = 100, 150, 200, 920
INITIAL_STATES = (WAITING, WAITING_REMOTE_ACTION, PREPARING)
SPLIT_POLICIES = ("whole_order", "whole_lines", "free")
PRODUCT_MODES = ("all", "only", "except")
CRITERIA = ("channel", "shipping", "payment", "customer_type")
SELECTORS = ("SELECT_BY_QUOTA", "SELECT_BY_PRIORITY", "SELECT_BY_STOCK", "SELECT_BY_DISTANCE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One prerequisite on the order. Static: `values` must contain the order's value (none matches when empty).
    Dynamic: `query` must hold (always, when empty).
    """

    name: str
    static: bool
    values: frozenset[str]
    query: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One link of the chain: which lines, which locations, how far a split may go, and who is preferred.

    `order_bound` tells whether the location condition has to be asked per order.
    """

    id: int
    name: str
    product_mode: str
    products: Condition
    locations: Condition
    order_bound: bool
    split: str
    max_packages: int | None
    split_above: Decimal | None
    transferable: bool
    selectors: tuple[str, ...]

    @property
    def quota_guarded(self) -> bool:
        return "SELECT_BY_QUOTA" in self.selectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A distribution scenario (Akinon OMS: "Scenarios > Distribution Scenario"). Lowest priority is asked first."""

    id: int
    name: str
    priority: int
    criteria: tuple[Criterion, ...]
    default_location_id: int
    initial_state: int
    initial_state_multiple: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All active scenarios in the order they are asked. `hash` names the content; `source` is what was parsed."""

    hash: str
    scenarios: tuple[Scenario, ...]
    source: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    def scenario(self, scenario_id: int) -> Scenario | None:
        return next((found for found in self.scenarios if found.id == scenario_id), None)


def read_rules(source: Sequence[Mapping[str, Any]]) -> Rules:
    """Parse scenarios as stored (see `scenarios.queries`). Raises `Invalid` with the path of what does not parse."""
    ordered = sorted(source, key=lambda row: (row["priority"], row["id"]))
    content = orjson.dumps(ordered, option=orjson.OPT_SORT_KEYS, default=str)
    return Rules(
        hash=sha256(content).hexdigest()[:32],
        scenarios=tuple(read_scenario(row) for row in ordered),
        source=tuple(ordered),
    )


def read_scenario(row: Mapping[str, Any]) -> Scenario:
    """One stored scenario. Condition trees are refused with their path, such as `rules[0].location_condition.all[1]`."""
    return Scenario(
        id=row["id"],
        name=row["name"],
        priority=row["priority"],
        criteria=tuple(_criterion(name, row) for name in CRITERIA),
        default_location_id=row["default_location_id"],
        initial_state=row["initial_status"],
        initial_state_multiple=row["initial_status_multiple"],
        rules=tuple(_rule(rule, index) for index, rule in enumerate(row["rules"])),
    )


def _criterion(name: str, row: Mapping[str, Any]) -> Criterion:
    return Criterion(
        name=name,
        static=row[f"{name}_condition_type"] == "static",
        values=frozenset(_plain(value) for value in row[f"{name}_values"]),
        query=parse(row[f"{name}_query"], fields.ORDER, at=f"{name}_query"),
    )


def _plain(value: object) -> str:
    return turkish_fold(str(value))


def _rule(row: Mapping[str, Any], index: int) -> Rule:
    locations = parse(row["location_condition"], fields.LOCATION, at=f"rules[{index}].location_condition")
    above = row["split_above_amount"]
    return Rule(
        id=row["id"],
        name=row["name"],
        product_mode=row["product_mode"],
        products=parse(row["product_condition"], fields.PRODUCT, at=f"rules[{index}].product_condition"),
        locations=locations,
        order_bound=not locations.fields.isdisjoint(fields.ORDER_BOUND),
        split=row["split_policy"],
        max_packages=row["max_packages"],
        split_above=None if above is None else Decimal(str(above)),
        transferable=row["transferable"],
        selectors=tuple(row["selectors"]),
    )

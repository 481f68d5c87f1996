"""Scenarios and shipping costs as the planner reads them: immutable, parsed once, content-hashed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from ambar.kit.conditions import Condition, parse
from ambar.kit.text import turkish_fold
from ambar.oms.scenarios.domain import fields

WAITING, WAITING_REMOTE_ACTION, PREPARING, WAITING_FOR_TRANSFER, OUT_OF_STOCK = 100, 150, 200, 300, 920
INITIAL_STATES = (WAITING, WAITING_REMOTE_ACTION, PREPARING)
SPLIT_POLICIES = ("whole_order", "whole_lines", "free")
PRODUCT_MODES = ("all", "only", "except")
CRITERIA = ("channel", "shipping", "payment", "customer_type")
SELECTORS = (
    "SELECT_BY_QUOTA",
    "SELECT_BY_PRIORITY",
    "SELECT_BY_STOCK",
    "SELECT_BY_DISTANCE",
    "SELECT_BY_FEWEST_PACKAGES",
    "SELECT_BY_COST",
    "SELECT_BY_EXIT_TIME",
    "SELECT_BY_RELIABILITY",
)
SOURCE_SELECTORS = (
    "SELECT_BY_PRIORITY",
    "SELECT_BY_STOCK",
    "SELECT_BY_DISTANCE",
    "SELECT_BY_EXIT_TIME",
    "SELECT_BY_RELIABILITY",
)
ZONES = ("same_township", "same_city", "same_country", "abroad")


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
    replan_in_part: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRule:
    """From where a package's missing units come (Akinon OMS: "Transfer Scenario", package rule).

    `locations` is asked of the package's location and never depends on the order; `sources` of the location that gives,
    its order-bound fields measured from the package's location (`source_bound` tells whether it has any).
    `selectors` order the sources.
    """

    id: int
    name: str
    locations: Condition
    product_mode: str
    products: Condition
    sources: Condition
    source_bound: bool
    selectors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferScenario:
    """A transfer scenario (Akinon OMS: "Scenarios > Transfer Scenario"). Lowest priority is asked first."""

    id: int
    name: str
    priority: int
    criteria: tuple[Criterion, ...]
    rules: tuple[TransferRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """What a package into `zone` costs: `parcel` each, `per_kg` per kilogram, in the installation's currency."""

    zone: str
    parcel: Decimal
    per_kg: Decimal


Source = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All active scenarios in the order they are asked, and the shipping costs, the narrowest zone first.

    `hash` names the content; `source` is what was parsed, in the form it was given (`read_rules(source)` reads it back).
    """

    hash: str
    scenarios: tuple[Scenario, ...]
    transfers: tuple[TransferScenario, ...] = ()
    costs: tuple[CostRow, ...] = ()
    source: Source = field(default=(), repr=False)

    def scenario(self, scenario_id: int) -> Scenario | None:
        return next((found for found in self.scenarios if found.id == scenario_id), None)


def read_rules(source: Source) -> Rules:
    """Parse what `scenarios.queries` reads: `{"scenarios": [...], "transfers": [...], "costs": [...]}`. A bare list is
    distribution scenarios alone (snapshots made before there were transfers).

    Raises `Invalid` with the path of what does not parse.
    """
    ordered: Source
    if isinstance(source, Mapping):
        scenarios = _by_priority(source.get("scenarios", ()))
        transfers = _by_priority(source.get("transfers", ()))
        costs = sorted(source.get("costs", ()), key=lambda row: ZONES.index(row["zone"]))
        ordered = {"scenarios": scenarios, "transfers": transfers, "costs": costs}
    else:
        scenarios, transfers, costs = _by_priority(source), [], []
        ordered = scenarios
    content = orjson.dumps(ordered, option=orjson.OPT_SORT_KEYS, default=str)
    return Rules(
        hash=sha256(content).hexdigest()[:32],
        scenarios=tuple(read_scenario(row) for row in scenarios),
        transfers=tuple(read_transfer_scenario(row) for row in transfers),
        costs=tuple(read_cost(row) for row in costs),
        source=ordered,
    )


def _by_priority(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: (row["priority"], row["id"]))


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
        replan_in_part=row.get("replan_in_part", False),
        rules=tuple(_rule(rule, index) for index, rule in enumerate(row["rules"])),
    )


def read_transfer_scenario(row: Mapping[str, Any]) -> TransferScenario:
    """One stored transfer scenario; condition trees are refused with their path, such as `rules[0].source_condition`."""
    return TransferScenario(
        id=row["id"],
        name=row["name"],
        priority=row["priority"],
        criteria=tuple(_criterion(name, row) for name in CRITERIA),
        rules=tuple(_transfer_rule(rule, index) for index, rule in enumerate(row["rules"])),
    )


def _transfer_rule(row: Mapping[str, Any], index: int) -> TransferRule:
    at = f"rules[{index}]"
    sources = parse(row["source_condition"], fields.LOCATION, at=f"{at}.source_condition")
    return TransferRule(
        id=row["id"],
        name=row["name"],
        locations=parse(row["location_condition"], fields.LOCATION, at=f"{at}.location_condition"),
        product_mode=row["product_mode"],
        products=parse(row["product_condition"], fields.PRODUCT, at=f"{at}.product_condition"),
        sources=sources,
        source_bound=not sources.fields.isdisjoint(fields.ORDER_BOUND),
        selectors=tuple(row["selectors"]),
    )


def read_cost(row: Mapping[str, Any]) -> CostRow:
    """One row of the cost table; `zone` is one of `ZONES`, amounts are strings or numbers."""
    return CostRow(zone=row["zone"], parcel=Decimal(str(row["parcel"])), per_kg=Decimal(str(row["per_kg"])))


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

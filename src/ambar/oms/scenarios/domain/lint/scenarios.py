"""Findings about whole scenarios and about what surrounds them."""

from collections.abc import Iterator, Sequence
from typing import Any

from ambar.kit.conditions import Condition
from ambar.kit.text import is_digits
from ambar.oms.scenarios.domain.lint.findings import Finding, about
from ambar.oms.scenarios.domain.lint.world import LintWorld
from ambar.oms.scenarios.domain.rules import Criterion, Scenario, TransferScenario

CRITERION_TR = {
    "channel": "kanal",
    "shipping": "kargo",
    "payment": "ödeme",
    "customer_type": "müşteri tipi",
}
EVENTS = (
    "package.created",
    "package.status.preparing",
    "package.status.packed",
    "package.status.delivered",
    "package.status.shipped",
    "package.status.packed_for_refund",
    "package.status.out_of_stock",
    "package.status.ready_for_customer_pickup",
    "package.status.cancelled",
)
"""What the Seller Center has to hear. Source: the seed page, set-up step 3."""
CHANNEL_FIELDS = ("channel", "channel_id", "channel_type")


def check_scenarios(world: LintWorld) -> Iterator[Finding]:
    """Findings about each distribution scenario, and about the installation."""
    if not world.scenarios:
        yield Finding(code="no_active_scenario")
    for scenario in world.scenarios:
        yield from _default_location(scenario, world)
        yield from _initial_status(scenario, world)
        if not scenario.rules:
            yield about("scenario_without_rules", scenario)
    yield from check_prerequisites(world.scenarios, world)
    for event in EVENTS if world.hooked is not None else ():
        if event not in (world.hooked or ()):
            yield Finding(code="event_without_hook", figures={"event": event})


def check_prerequisites(
    scenarios: Sequence[Scenario | TransferScenario], world: LintWorld
) -> Iterator[Finding]:
    """Findings about the four criteria; `scenarios` of one kind, as they are asked."""
    for index, scenario in enumerate(scenarios):
        yield from _criteria(scenario)
        yield from _channels(scenario, world)
        if not never_matches(scenario):
            before = next((one for one in scenarios[:index] if _covers(one, scenario)), None)
            if before is not None:
                yield about("scenario_shadowed", scenario, other=before.name)


def never_matches(scenario: Scenario | TransferScenario) -> bool:
    """Whether one of its criteria can never hold."""
    return any(
        (one.static and not one.values) or (not one.static and one.query.is_impossible)
        for one in scenario.criteria
    )


def may_share_orders(one: Scenario | TransferScenario, other: Scenario | TransferScenario) -> bool:
    """Whether an order may match both; False only where the static values are sure not to meet."""
    if never_matches(one) or never_matches(other):
        return False
    return all(
        not (mine.static and theirs.static) or not mine.values.isdisjoint(theirs.values)
        for mine, theirs in zip(one.criteria, other.criteria, strict=True)
        if mine.name != "shipping"
    )


def _default_location(scenario: Scenario, world: LintWorld) -> Iterator[Finding]:
    found = world.locations.get(scenario.default_location_id)
    if found is None:
        yield about("default_location_missing", scenario, location=scenario.default_location_id)
    elif not found.is_active:
        yield about("default_location_inactive", scenario, location=found.name)


def _initial_status(scenario: Scenario, world: LintWorld) -> Iterator[Finding]:
    if scenario.initial_state not in world.leaving:
        yield about(
            "initial_status_dead_end",
            scenario,
            state=scenario.initial_state,
            which="initial status",
            which_tr="başlangıç durumu",
        )
    if (
        scenario.initial_state_multiple != scenario.initial_state
        and scenario.initial_state_multiple not in world.leaving
    ):
        yield about(
            "initial_status_dead_end",
            scenario,
            state=scenario.initial_state_multiple,
            which="initial status of several packages",
            which_tr="çok paketli başlangıç durumu",
        )


def _criteria(scenario: Scenario | TransferScenario) -> Iterator[Finding]:
    for one in scenario.criteria:
        named = {"criterion": one.name.replace("_", " "), "criterion_tr": CRITERION_TR[one.name]}
        if one.static and not one.values:
            yield about("static_without_values", scenario, **named)
        elif not one.static and one.query.is_impossible:
            yield about("criterion_impossible", scenario, **named)


def _channels(scenario: Scenario | TransferScenario, world: LintWorld) -> Iterator[Finding]:
    for name in _asked_channels(scenario, world):
        yield about("unknown_channel", scenario, channel=name)


def _asked_channels(scenario: Scenario | TransferScenario, world: LintWorld) -> list[str]:
    """What the criteria ask of channels that no channel answers."""
    unknown: list[str] = []
    for one in scenario.criteria:
        if one.static and one.name == "channel":
            known = {str(channel_id) for channel_id in world.channels}
            unknown += sorted(value for value in one.values if value not in known)
        for leaf in one.query.leaves():
            if leaf.field.name not in CHANNEL_FIELDS or leaf.operator.name not in ("eq", "in"):
                continue
            written = leaf.value if isinstance(leaf.value, list) else [leaf.value]
            wanted = leaf.wanted if leaf.operator.arity == "many" else (leaf.wanted,)
            held = {leaf.read(row.get(leaf.field.name)) for row in world.channels.values()}
            unknown += [str(value) for value, asked in zip(written, wanted, strict=True) if asked not in held]
    return unknown


def _covers(earlier: Scenario | TransferScenario, later: Scenario | TransferScenario) -> bool:
    """Whether `earlier` matches every order that `later` matches, as far as can be told."""
    return all(_implied(one, later) for one in earlier.criteria)


def _implied(wanted: Criterion, later: Scenario | TransferScenario) -> bool:
    if wanted.static:
        return any(
            one.static and one.name == wanted.name and one.values <= wanted.values for one in later.criteria
        )
    return wanted.query.is_empty or any(_query_implies(one, wanted.query) for one in later.criteria)


def _query_implies(one: Criterion, query: Condition) -> bool:
    if not one.static:
        return one.query.implies(query)
    if one.name != "channel" or query.fields != {"channel_id"}:
        return False
    views: list[dict[str, Any]] = [{"channel_id": int(value)} for value in one.values if is_digits(value)]
    return len(views) == len(one.values) and all(query.holds(view) for view in views)

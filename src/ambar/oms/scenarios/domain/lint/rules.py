"""Findings about the rules of distribution scenarios."""

from collections.abc import Callable, Iterator, Sequence

from ambar.oms.scenarios.domain.lint.findings import Finding, about_rule
from ambar.oms.scenarios.domain.lint.scenarios import may_share_orders
from ambar.oms.scenarios.domain.lint.world import LintWorld, SeenLocation
from ambar.oms.scenarios.domain.rules import Rule, Scenario

ENOUGH, DAYS = 20, 90
"""Packages a location needs in so many days before its reliability counts."""
STRENGTH = {"whole_order": 0, "whole_lines": 1, "free": 2}


def check_rules(world: LintWorld) -> Iterator[Finding]:
    """Findings about every rule of every distribution scenario."""
    for scenario in world.scenarios:
        for index, rule in enumerate(scenario.rules):
            yield from _check(world, scenario, rule, scenario.rules[:index])
            if any(earlier.name == rule.name for earlier in scenario.rules[:index]):
                yield about_rule("rule_name_twice", scenario, rule)


def _check(world: LintWorld, scenario: Scenario, rule: Rule, before: Sequence[Rule]) -> Iterator[Finding]:
    for name, name_tr, impossible in (
        ("product", "ürün", rule.product_mode == "only" and rule.products.is_impossible),
        ("location", "lokasyon", rule.locations.is_impossible),
    ):
        if impossible:
            yield about_rule("rule_unreachable", scenario, rule, condition=name, condition_tr=name_tr)
            return
    places = world.packing(rule.locations)
    if not places:
        yield about_rule("no_location_matches", scenario, rule)
        return
    shadow = shadowing(rule, before)
    if shadow is not None:
        yield about_rule("rule_shadowed", scenario, rule, other=shadow)
        return
    yield from _policy(scenario, rule)
    for name in rule.selectors:
        if name in SELECTOR_CHECKS:
            yield from SELECTOR_CHECKS[name](world, scenario, rule, places)
    asks_distance = "SELECT_BY_DISTANCE" in rule.selectors or "distance_km" in rule.locations.fields
    if asks_distance and not any(one.has_position for one in places):
        yield about_rule("distance_without_positions", scenario, rule)
    if rule.transferable and not _transfers_fit(world, scenario, places):
        yield about_rule("transferable_without_transfer_scenario", scenario, rule)


def _policy(scenario: Scenario, rule: Rule) -> Iterator[Finding]:
    if rule.split != "whole_order":
        return
    if rule.max_packages is not None:
        yield about_rule("max_packages_without_split", scenario, rule, count=rule.max_packages)
    if rule.split_above is not None:
        yield about_rule("split_above_without_split", scenario, rule)
    if "SELECT_BY_FEWEST_PACKAGES" in rule.selectors:
        yield about_rule("fewest_packages_without_split", scenario, rule)


def _quota(
    world: LintWorld, scenario: Scenario, rule: Rule, places: Sequence[SeenLocation]
) -> Iterator[Finding]:
    if all(one.max_quota is None for one in places):
        yield about_rule("quota_without_limit", scenario, rule, count=len(places))
        return
    closed = [one.name for one in places if one.max_quota == 0]
    if closed:
        yield about_rule("quota_zero", scenario, rule, locations=", ".join(f"“{name}”" for name in closed))


def _cost(
    world: LintWorld, scenario: Scenario, rule: Rule, places: Sequence[SeenLocation]
) -> Iterator[Finding]:
    if not world.priced:
        yield about_rule("cost_without_table", scenario, rule)


def _reliability(
    world: LintWorld, scenario: Scenario, rule: Rule, places: Sequence[SeenLocation]
) -> Iterator[Finding]:
    if not any(one.id in world.measured for one in places):
        yield about_rule("reliability_without_data", scenario, rule, enough=ENOUGH, days=DAYS)


def _exit_time(
    world: LintWorld, scenario: Scenario, rule: Rule, places: Sequence[SeenLocation]
) -> Iterator[Finding]:
    if not any(one.has_exit_time for one in places):
        yield about_rule("exit_time_without_data", scenario, rule)


Check = Callable[[LintWorld, Scenario, Rule, Sequence[SeenLocation]], Iterator[Finding]]
SELECTOR_CHECKS: dict[str, Check] = {
    "SELECT_BY_QUOTA": _quota,
    "SELECT_BY_COST": _cost,
    "SELECT_BY_RELIABILITY": _reliability,
    "SELECT_BY_EXIT_TIME": _exit_time,
}


def _transfers_fit(world: LintWorld, scenario: Scenario, places: Sequence[SeenLocation]) -> bool:
    return any(
        may_share_orders(scenario, transfer)
        and any(
            rule.locations.holds(place.properties)
            and any(source.id != place.id for source in world.sources(rule.sources))
            for rule in transfer.rules
            for place in places
        )
        for transfer in world.transfers
    )


def shadowing(rule: Rule, before: Sequence[Rule]) -> str | None:
    """The name of the earlier rule (or of the two, `only` and `except` the same) that leaves `rule` nothing to place."""
    strong = [one for one in before if _at_least_as_free(one, rule)]
    for one in strong:
        if _same_products(one, rule) or (one.split != "whole_order" and _covers_products(one, rule)):
            return one.name
    for only in strong:
        for rest in strong:
            if (
                only.split != "whole_order"
                and rest.split != "whole_order"
                and (only.product_mode, rest.product_mode) == ("only", "except")
                and only.products == rest.products
            ):
                return f"{only.name} + {rest.name}"
    return None


def _at_least_as_free(earlier: Rule, later: Rule) -> bool:
    """Whether what `later` may do with a line at a location, `earlier` may do too."""
    return (
        STRENGTH[earlier.split] >= STRENGTH[later.split]
        and earlier.max_packages is None
        and earlier.split_above is None
        and (earlier.transferable or not later.transferable)
        and (later.quota_guarded or not earlier.quota_guarded)
        and later.locations.implies(earlier.locations)
    )


def _same_products(earlier: Rule, later: Rule) -> bool:
    if earlier.product_mode == "all" or later.product_mode == "all":
        return earlier.product_mode == later.product_mode
    return earlier.product_mode == later.product_mode and earlier.products == later.products


def _covers_products(earlier: Rule, later: Rule) -> bool:
    """Whether every product `later` is for is one `earlier` is for."""
    if earlier.product_mode == "all":
        return True
    if later.product_mode == "all":
        return False
    if earlier.product_mode == later.product_mode == "only":
        return later.products.implies(earlier.products)
    if earlier.product_mode == later.product_mode == "except":
        return earlier.products.implies(later.products)
    return False

"""Findings about transfer scenarios."""

from collections.abc import Iterator

from ambar.oms.scenarios.domain.lint.findings import Finding, about, about_rule
from ambar.oms.scenarios.domain.lint.scenarios import check_prerequisites
from ambar.oms.scenarios.domain.lint.world import LintWorld
from ambar.oms.scenarios.domain.rules import TransferRule, TransferScenario


def check_transfers(world: LintWorld) -> Iterator[Finding]:
    """Findings about every transfer scenario and its package rules."""
    yield from check_prerequisites(world.transfers, world)
    wanted = any(rule.transferable for scenario in world.scenarios for rule in scenario.rules)
    for scenario in world.transfers:
        if not scenario.rules:
            yield about("transfer_scenario_without_rules", scenario)
        elif not wanted:
            yield about("transfer_scenario_unused", scenario)
        for index, rule in enumerate(scenario.rules):
            yield from _check(world, scenario, rule, scenario.rules[:index])


def _check(
    world: LintWorld, scenario: TransferScenario, rule: TransferRule, before: tuple[TransferRule, ...]
) -> Iterator[Finding]:
    if rule.product_mode == "only" and rule.products.is_impossible:
        yield about_rule("rule_unreachable", scenario, rule, condition="product", condition_tr="ürün")
        return
    if not world.packing(rule.locations):
        yield about_rule("no_package_location_matches", scenario, rule)
        return
    sources = world.sources(rule.sources)
    if not sources:
        yield about_rule("no_source_matches", scenario, rule)
        return
    shadow = next((one for one in before if _covers(one, rule)), None)
    if shadow is not None:
        yield about_rule("rule_shadowed", scenario, rule, other=shadow.name)
        return
    if "SELECT_BY_EXIT_TIME" in rule.selectors and not any(one.has_exit_time for one in sources):
        yield about_rule("exit_time_without_data", scenario, rule)
    asks_distance = "SELECT_BY_DISTANCE" in rule.selectors or "distance_km" in rule.sources.fields
    if asks_distance and not any(one.has_position for one in sources):
        yield about_rule("distance_without_positions", scenario, rule)


def _covers(earlier: TransferRule, later: TransferRule) -> bool:
    """The first package rule that fits location and product is taken, so that what it covers is never reached."""
    if not later.locations.implies(earlier.locations):
        return False
    if earlier.product_mode == "all":
        return True
    return earlier.product_mode == later.product_mode and (
        later.products.implies(earlier.products)
        if earlier.product_mode == "only"
        else earlier.products.implies(later.products)
    )

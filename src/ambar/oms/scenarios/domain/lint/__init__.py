"""The linter: what is wrong with the scenarios together, found without planning a single order.

Pure: `lint(world)` over what `scenarios.actions.lint` reads. Every finding names cause, effect and fix.
"""

from ambar.oms.scenarios.domain.lint.findings import SEVERITIES, TEXTS, Finding
from ambar.oms.scenarios.domain.lint.rules import check_rules
from ambar.oms.scenarios.domain.lint.scenarios import check_scenarios
from ambar.oms.scenarios.domain.lint.transfers import check_transfers
from ambar.oms.scenarios.domain.lint.world import LintWorld, SeenLocation

__all__ = ["SEVERITIES", "TEXTS", "Finding", "LintWorld", "SeenLocation", "lint"]


def lint(world: LintWorld) -> tuple[Finding, ...]:
    """Every finding, the worst first, then by scenario in the order they are asked."""
    found = [*check_scenarios(world), *check_rules(world), *check_transfers(world)]
    return tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))

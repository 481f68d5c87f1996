"""Look at the scenarios as they stand and say what is wrong with them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ambar.oms.scenarios import queries
from ambar.oms.scenarios.domain.lint import SEVERITIES, Finding, LintWorld, lint
from ambar.oms.scenarios.domain.lint.rules import DAYS, ENOUGH
from ambar.oms.scenarios.domain.rules import Rules, read_rules
from ambar.oms.scenarios.kinds import COLUMNS, DISTRIBUTION, Kind


def lint_scenarios(*, now: datetime) -> dict[str, Any]:
    """Findings about all active scenarios and what surrounds them: `{"errors", "warnings", "notices", "findings"}`."""
    _, rules = queries.rules_snapshot()
    found = lint(read_world(rules, now=now))
    count = Counter(one.severity for one in found)
    return {**{f"{severity}s": count[severity] for severity in SEVERITIES}, "findings": as_json(found)}


def findings_about(kind: Kind, scenario_id: int, *, now: datetime) -> list[dict[str, Any]]:
    """Findings about one scenario, an inactive one looked at as if it were active; also what it would shadow."""
    _, rules = queries.rules_snapshot()
    scenario = kind.model.objects.prefetch_related("rules").get(pk=scenario_id)
    if not scenario.is_active:
        rules = _with(rules, kind, scenario)
    found = lint(read_world(rules, now=now))
    return as_json(one for one in found if _concerns(one, kind, scenario))


def _concerns(finding: Finding, kind: Kind, scenario: Any) -> bool:
    if finding.kind != kind.name:
        return False
    return finding.scenario_id == scenario.pk or (
        finding.code == "scenario_shadowed" and finding.figures["other"] == scenario.name
    )


def _with(rules: Rules, kind: Kind, scenario: Any) -> Rules:
    source = rules.source
    if not isinstance(source, Mapping):
        source = {"scenarios": source}
    place = "scenarios" if kind is DISTRIBUTION else "transfers"
    return read_rules({**source, place: [*source.get(place, ()), _row(kind, scenario)]})


def _row(kind: Kind, scenario: Any) -> dict[str, Any]:
    """The scenario as `queries.rules_snapshot` would read it."""
    draft = kind.draft_of(scenario)
    return {
        "id": scenario.pk,
        **{COLUMNS.get(name, name): draft[name] for name in kind.fields},
        "rules": [
            {"id": rule.pk, **{name: getattr(rule, name) for name in kind.rule_fields}}
            for rule in scenario.rules.all()
        ],
    }


def read_world(rules: Rules, *, now: datetime) -> LintWorld:
    """What the linter looks at, beside the rules."""
    asks_history = any(
        "SELECT_BY_RELIABILITY" in rule.selectors for scenario in rules.scenarios for rule in scenario.rules
    )
    return LintWorld(
        scenarios=rules.scenarios,
        transfers=rules.transfers,
        locations=queries.locations_seen(),
        channels=queries.channels_known(),
        leaving=queries.package_states_left(),
        hooked=queries.events_told(),
        priced=frozenset(row.zone for row in rules.costs),
        measured=queries.measured_locations(now - timedelta(days=DAYS), ENOUGH)
        if asks_history
        else frozenset(),
    )


def as_json(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as answered: English beside Turkish."""
    return [_one(finding) for finding in found]


def _one(finding: Finding) -> dict[str, Any]:
    cause, effect, fix = finding.said("en")
    tr_cause, tr_effect, tr_fix = finding.said("tr")
    return {
        "code": finding.code,
        "severity": finding.severity,
        "kind": finding.kind,
        "scenario": finding.scenario_id,
        "scenario_name": finding.scenario,
        "rule_position": finding.rule_position,
        "rule_name": finding.rule,
        "cause": cause,
        "effect": effect,
        "fix": fix,
        "tr": {"cause": tr_cause, "effect": tr_effect, "fix": tr_fix},
    }

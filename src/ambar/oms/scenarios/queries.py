"""The rules as planners use them, kept per process until their version changes."""

from threading import Lock
from typing import Any

import orjson
from django.db import connection

from ambar.oms.scenarios.domain.rules import CRITERIA, Rules, read_rules

_CRITERIA = ", ".join(
    f"'{name}_{part}', scenario.{name}_{part}"
    for name in CRITERIA
    for part in ("condition_type", "values", "query")
)
STAND = "SELECT version, xmin::text FROM oms_scenarios_rulesversion WHERE id = 1"
SNAPSHOT = f"""
SELECT (SELECT jsonb_build_array(version, xmin::text) FROM oms_scenarios_rulesversion WHERE id = 1)::text, COALESCE(jsonb_agg(jsonb_build_object(
    'id', scenario.id, 'name', scenario.name, 'priority', scenario.priority, {_CRITERIA},
    'default_location_id', scenario.default_location_id, 'initial_status', scenario.initial_status,
    'initial_status_multiple', scenario.initial_status_multiple,
    'rules', (
        SELECT COALESCE(jsonb_agg(jsonb_build_object(
            'id', rule.id, 'name', rule.name, 'product_mode', rule.product_mode,
            'product_condition', rule.product_condition, 'location_condition', rule.location_condition,
            'split_policy', rule.split_policy, 'max_packages', rule.max_packages,
            'split_above_amount', rule.split_above_amount::text, 'transferable', rule.transferable,
            'selectors', rule.selectors) ORDER BY rule.position), '[]')
        FROM oms_scenarios_distributionrule rule WHERE rule.scenario_id = scenario.id)
    )), '[]')::text
FROM oms_scenarios_distributionscenario scenario WHERE scenario.is_active
"""

_lock = Lock()
_kept: dict[str, tuple[list[Any], Rules]] = {}


def rules_snapshot() -> tuple[str, Rules]:
    """`(hash, rules)` of all active scenarios as committed now. Costs one key read while nothing changed."""
    with connection.cursor() as cursor:
        cursor.execute(STAND)
        row = cursor.fetchone()
        kept = _kept.get(_database())
        if row is not None and kept is not None and kept[0] == list(row):
            return kept[1].hash, kept[1]
        cursor.execute(SNAPSHOT)
        stand, source = cursor.fetchone()
    rules = read_rules(orjson.loads(source))
    if stand is not None:
        with _lock:
            _kept[_database()] = (orjson.loads(stand), rules)
    return rules.hash, rules


def _database() -> str:
    settings: dict[str, Any] = connection.settings_dict
    return f"{settings['HOST']}/{settings['NAME']}"

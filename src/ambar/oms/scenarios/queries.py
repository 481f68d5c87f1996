"""The rules as planners use them, kept per process until their version changes; versions; what the linter looks at."""

from datetime import datetime
from threading import Lock
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet

from ambar.kit.outbox.models import Hook
from ambar.oms.app_settings import queries as app_settings
from ambar.oms.scenarios.domain import fields
from ambar.oms.scenarios.domain.lint import SeenLocation
from ambar.oms.scenarios.domain.rules import CRITERIA, Rules, read_rules
from ambar.oms.scenarios.kinds import Kind
from ambar.oms.scenarios.models import ScenarioVersion
from ambar.oms.states.models import StateTransition

SELLER_CENTER_SETTINGS = "SELLER_CENTER_SETTINGS"
RECEIVER = "/applications/oms/packages/"
"""How the address of the Seller Center's receivers goes on. Source: the seed page, set-up step 3."""


def _criteria(table: str) -> str:
    parts = (f"{name}_{part}" for name in CRITERIA for part in ("condition_type", "values", "query"))
    return ", ".join(f"'{part}', {table}.{part}" for part in parts)


STAND = "SELECT version, xmin::text FROM oms_scenarios_rulesversion WHERE id = 1"
_SCENARIOS = f"""
SELECT COALESCE(jsonb_agg(jsonb_build_object(
    'id', scenario.id, 'name', scenario.name, 'priority', scenario.priority, {_criteria("scenario")},
    'default_location_id', scenario.default_location_id, 'initial_status', scenario.initial_status,
    'initial_status_multiple', scenario.initial_status_multiple, 'replan_in_part', scenario.replan_in_part,
    'rules', (
        SELECT COALESCE(jsonb_agg(jsonb_build_object(
            'id', rule.id, 'name', rule.name, 'product_mode', rule.product_mode,
            'product_condition', rule.product_condition, 'location_condition', rule.location_condition,
            'split_policy', rule.split_policy, 'max_packages', rule.max_packages,
            'split_above_amount', rule.split_above_amount::text, 'transferable', rule.transferable,
            'selectors', rule.selectors) ORDER BY rule.position), '[]')
        FROM oms_scenarios_distributionrule rule WHERE rule.scenario_id = scenario.id)
    )), '[]')
FROM oms_scenarios_distributionscenario scenario WHERE scenario.is_active
"""
_TRANSFERS = f"""
SELECT COALESCE(jsonb_agg(jsonb_build_object(
    'id', scenario.id, 'name', scenario.name, 'priority', scenario.priority, {_criteria("scenario")},
    'rules', (
        SELECT COALESCE(jsonb_agg(jsonb_build_object(
            'id', rule.id, 'name', rule.name, 'location_condition', rule.location_condition,
            'product_mode', rule.product_mode, 'product_condition', rule.product_condition,
            'source_condition', rule.source_condition, 'selectors', rule.selectors) ORDER BY rule.position), '[]')
        FROM oms_scenarios_transferrule rule WHERE rule.scenario_id = scenario.id)
    )), '[]')
FROM oms_scenarios_transferscenario scenario WHERE scenario.is_active
"""
_COSTS = """
SELECT COALESCE(jsonb_agg(jsonb_build_object('zone', zone, 'parcel', parcel::text, 'per_kg', per_kg::text)), '[]')
FROM oms_scenarios_shippingcost
"""
SNAPSHOT = f"""
SELECT (SELECT jsonb_build_array(version, xmin::text) FROM oms_scenarios_rulesversion WHERE id = 1)::text,
    jsonb_build_object('scenarios', ({_SCENARIOS}), 'transfers', ({_TRANSFERS}), 'costs', ({_COSTS}))::text
"""

_lock = Lock()
_kept: dict[str, tuple[list[Any], Rules]] = {}


def rules_snapshot() -> tuple[str, Rules]:
    """`(hash, rules)` of all active scenarios and the shipping costs as committed now: one moment, one statement.

    Costs one key read while nothing changed. Who keeps what it answered goes on under it, whatever is saved meanwhile.
    """
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


def versions(kind: Kind, scenario_id: int) -> QuerySet[ScenarioVersion]:
    """The kept versions of a scenario."""
    return ScenarioVersion.objects.filter(kind=kind.name, scenario_id=scenario_id)


_ASKED = sorted({field.name for field in fields.LOCATION} - fields.ORDER_BOUND)
LOCATIONS = f"""
SELECT jsonb_build_object({", ".join(f"'{name}', {name}" for name in _ASKED)})::text, is_active, is_fulfillment_center,
    latitude IS NOT NULL AND longitude IS NOT NULL
FROM oms_locations_stocklocation ORDER BY id
"""
MEASURED = """
SELECT location_id FROM oms_packages_package WHERE created_at >= %s GROUP BY location_id HAVING count(*) >= %s
"""


def locations_seen() -> dict[int, SeenLocation]:
    """Every location with the properties that conditions ask, by id."""
    with connection.cursor() as cursor:
        cursor.execute(LOCATIONS)
        rows = cursor.fetchall()
    found = {}
    for text, is_active, is_fulfillment_center, has_position in rows:
        properties = orjson.loads(text)
        found[properties["id"]] = SeenLocation(
            id=properties["id"],
            name=properties["name"],
            is_active=is_active,
            is_fulfillment_center=is_fulfillment_center,
            max_quota=properties["max_quota"],
            has_position=has_position,
            has_exit_time=properties["exit_time"] is not None,
            properties=properties,
        )
    return found


def channels_known() -> dict[int, dict[str, Any]]:
    """Every channel as conditions ask it, by id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, channel_type FROM oms_catalogue_channel ORDER BY id")
        return {
            row[0]: {"channel_id": row[0], "channel": row[1], "channel_type": row[2]}
            for row in cursor.fetchall()
        }


def package_states_left() -> frozenset[int]:
    """Package states that an active transition leads out of."""
    rows = StateTransition.objects.filter(kind="package", is_active=True)
    return frozenset(int(value) for value in rows.values_list("source__enum_value", flat=True).distinct())


def events_told() -> frozenset[str] | None:
    """Package events an active hook sends to the Seller Center; None when no Seller Center is set up."""
    if not (app_settings.value(SELLER_CENTER_SETTINGS) or {}).get("supplier_code"):
        return None
    rows = Hook.objects.filter(
        is_active=True, event_type__startswith="package.", target_url__contains=RECEIVER
    )
    return frozenset(rows.values_list("event_type", flat=True))


def measured_locations(since: datetime, enough: int) -> frozenset[int]:
    """Locations with at least `enough` packages made from `since` on."""
    with connection.cursor() as cursor:
        cursor.execute(MEASURED, [since, enough])
        return frozenset(row[0] for row in cursor.fetchall())

"""Writes of scenarios; every one raises the version inside the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.scenarios.models import DistributionRule, DistributionScenario

RAISE_VERSION = """
INSERT INTO oms_scenarios_rulesversion (id, version) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET version = oms_scenarios_rulesversion.version + 1
"""
RELEASE_HELD = """
SELECT id FROM oms_orders_order
WHERE planning_state = 'hold' AND hold_reason LIKE 'No distribution scenario%' ORDER BY id
"""


def lock(scenario_id: int) -> DistributionScenario:
    """The scenario, locked. Raises `NotFound`."""
    found = DistributionScenario.objects.select_for_update().filter(pk=scenario_id).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def save(scenario: DistributionScenario, rules: Sequence[Mapping[str, Any]] | None, *, now: datetime) -> None:
    """Store the scenario and, unless None, its whole chain of rules in the given order. A taken name is `Invalid`."""
    scenario.modified_at = now
    try:
        with transaction.atomic():
            scenario.save()
    except IntegrityError as error:
        if "name" not in str(error):
            raise
        raise Invalid(fields={"name": ["A scenario with this name exists."]}) from None
    if rules is not None:
        scenario.rules.all().delete()
        DistributionRule.objects.bulk_create(
            DistributionRule(scenario=scenario, position=position, **rule)
            for position, rule in enumerate(rules)
        )
    with connection.cursor() as cursor:
        cursor.execute(RAISE_VERSION)


def orders_without_scenario() -> list[int]:
    """Orders on hold because no scenario matched."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE_HELD)
        return [row[0] for row in cursor.fetchall()]

"""Writes of scenarios; every one raises the stand of the rules inside the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.scenarios.kinds import Kind
from ambar.oms.scenarios.models import ScenarioVersion, ShippingCost, ShippingCostVersion
from ambar.oms.scenarios.queries import rules_snapshot

RAISE_VERSION = """
INSERT INTO oms_scenarios_rulesversion (id, version) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET version = oms_scenarios_rulesversion.version + 1
"""
RELEASE_HELD = """
SELECT id FROM oms_orders_order
WHERE planning_state = 'hold' AND hold_reason LIKE 'No distribution scenario%' ORDER BY id
"""


def lock(kind: Kind, scenario_id: int) -> Any:
    """The scenario, locked. Raises `NotFound`."""
    found = kind.model.objects.select_for_update().filter(pk=scenario_id).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def lock_active(kind: Kind) -> dict[int, Any]:
    """All active scenarios with their rules, locked in id order, by id."""
    rows = kind.model.objects.select_for_update().filter(is_active=True).prefetch_related("rules")
    return {row.pk: row for row in rows.order_by("id")}


def save(kind: Kind, scenario: Any, rules: Sequence[Mapping[str, Any]] | None) -> None:
    """Store the scenario and, unless None, its whole chain of rules in the given order. A taken name is `Invalid`.

    A rule keeps its id as long as its name stays, so that what was recorded about it can be followed.
    """
    try:
        with transaction.atomic():
            scenario.save()
    except IntegrityError as error:
        if "name" not in str(error):
            raise
        raise Invalid(fields={"name": ["A scenario with this name exists."]}) from None
    if rules is not None:
        _write_rules(kind, scenario, rules)
    raise_version()


def _write_rules(kind: Kind, scenario: Any, rules: Sequence[Mapping[str, Any]]) -> None:
    ids: dict[str, list[int]] = {}
    for pk, name in scenario.rules.order_by("-position").values_list("pk", "name"):
        ids.setdefault(name, []).append(pk)
    scenario.rules.all().delete()
    kind.rule_model.objects.bulk_create(
        kind.rule_model(
            id=known.pop() if (known := ids.get(rule["name"])) else None,
            scenario=scenario,
            position=position,
            **rule,
        )
        for position, rule in enumerate(rules)
    )
    scenario._prefetched_objects_cache = {}


def raise_version() -> None:
    """Planners read the rules again from the next batch on."""
    with connection.cursor() as cursor:
        cursor.execute(RAISE_VERSION)


def keep_version(
    kind: Kind, scenario: Any, *, act: str, body: Mapping[str, Any], author: str, note: str, at: datetime
) -> None:
    """Keep `body` as the version that `scenario.version` names; after `raise_version`, so that the hash is the new one."""
    ScenarioVersion.objects.create(
        kind=kind.name,
        scenario_id=scenario.pk,
        number=scenario.version,
        act=act,
        body=dict(body),
        author=author,
        note=note,
        at=at,
        rules_hash=rules_snapshot()[0],
    )


def version(kind: Kind, scenario_id: int, number: int) -> ScenarioVersion:
    """One kept version. Raises `NotFound`."""
    found = ScenarioVersion.objects.filter(kind=kind.name, scenario_id=scenario_id, number=number).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def delete(kind: Kind, scenario: Any) -> None:
    """Remove a scenario with its rules and versions."""
    ScenarioVersion.objects.filter(kind=kind.name, scenario_id=scenario.pk).delete()
    scenario.delete()


def lock_costs() -> tuple[list[ShippingCost], ShippingCostVersion | None]:
    """The cost table and its last kept version; who holds the stand of the rules is the only one to write either."""
    raise_version()
    return list(ShippingCost.objects.order_by("id")), ShippingCostVersion.objects.order_by("-number").first()


def replace_costs(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """These rows are the whole cost table from now on. A row that stays as it is keeps its time."""
    ShippingCost.objects.exclude(zone__in=[row["zone"] for row in rows]).delete()
    known = {row.zone: row for row in ShippingCost.objects.all()}
    for row in rows:
        kept = known.get(row["zone"]) or ShippingCost(zone=row["zone"])
        if (kept.parcel, kept.per_kg) != (row["parcel"], row["per_kg"]) or kept.pk is None:
            kept.parcel, kept.per_kg, kept.modified_at = row["parcel"], row["per_kg"], now
            kept.save()


def keep_cost_version(
    number: int, *, act: str, body: Sequence[Mapping[str, Any]], author: str, note: str, at: datetime
) -> None:
    """Keep `body` as the version `number` of the cost table; after the rows are written, so that the hash is theirs."""
    ShippingCostVersion.objects.create(
        number=number,
        act=act,
        body=list(body),
        author=author,
        note=note,
        at=at,
        rules_hash=rules_snapshot()[0],
    )


def cost_version(number: int) -> ShippingCostVersion:
    """One kept version of the cost table. Raises `NotFound`."""
    found = ShippingCostVersion.objects.filter(number=number).first()
    if found is None:
        raise NotFound("Not found.")
    return found


def orders_without_scenario() -> list[int]:
    """Orders on hold because no scenario matched."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE_HELD)
        return [row[0] for row in cursor.fetchall()]

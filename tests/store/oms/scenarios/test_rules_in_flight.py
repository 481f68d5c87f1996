"""Trap 30: a scenario is changed while orders are being planned; what is under way finishes as it began."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from ambar.oms.packages.models import Package
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.planning.models import Decision
from ambar.oms.scenarios.actions.save_scenario import Edit, save_scenario
from ambar.oms.scenarios.models import ScenarioVersion
from ambar.oms.scenarios.queries import rules_snapshot
from ambar.oms.stock.models import Balance
from tests.worlds.oms_planning import (
    NOW,
    later,
    make_locations,
    make_orders,
    make_products,
    make_scenario,
    put_stock,
)
from tests.worlds.waiting import LONG_SECONDS, until_somebody_waits_for_a_lock


def planned_elsewhere():
    try:
        return plan_orders(limit=10, now=later(1))
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_planning_under_way_finishes_under_the_version_it_began_with():
    """Trap 30: the scenario changes between a planner's reading and its writing; its packages follow what it read."""
    (place,), (product,) = make_locations(1), make_products(1)
    put_stock({(place, product): 10})
    scenario = make_scenario(place, initial_status=100)
    (first,) = make_orders([[(product, 1)]])
    began = rules_snapshot()[0]
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert Balance.objects.select_for_update().filter(location_id=place).count() == 1
            list(Balance.objects.select_for_update().filter(location_id=place))
            planner = pool.submit(planned_elsewhere)
            until_somebody_waits_for_a_lock()
            changed = pool_of_one(save_scenario, {"initial_status": 200}, scenario.pk)
        assert planner.result(timeout=LONG_SECONDS) == 1
    assert changed.version == 2
    (second,) = make_orders([[(product, 1)]], first=2)
    assert plan_orders(limit=10, now=later(2)) == 1
    assert list(Package.objects.order_by("id").values_list("order_id", "state")) == [
        (first, 100),
        (second, 200),
    ]
    hashes = list(Decision.objects.order_by("id").values_list("rules_hash", flat=True))
    kept = dict(ScenarioVersion.objects.values_list("number", "rules_hash"))
    assert hashes == [began, rules_snapshot()[0]] == [kept[1], kept[2]]


def pool_of_one(act, given, scenario_id):
    """The change in a connection and transaction of its own, committed before the planner goes on."""

    def run():
        try:
            return act(given, scenario_id=scenario_id, now=NOW, edit=Edit(author="ayse"))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=LONG_SECONDS)


@pytest.mark.django_db(transaction=True)
def test_editors_at_the_same_moment_make_versions_one_after_the_other():
    (place,) = make_locations(1)
    scenario = make_scenario(place)

    def edit(n):
        try:
            return save_scenario({"description": f"by {n}"}, scenario_id=scenario.pk, now=later(n)).version
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(edit, range(1, 13)))
    assert numbers == list(range(2, 14))
    rows = ScenarioVersion.objects.order_by("number").values_list("number", "body__description")
    assert [row[0] for row in rows] == list(range(1, 14))
    scenario.refresh_from_db()
    assert list(rows)[-1] == (13, scenario.description)


@pytest.mark.django_db
def test_a_snapshot_costs_one_key_read_while_nothing_changes(django_assert_num_queries):
    (place,) = make_locations(1)
    make_scenario(place)
    rules_snapshot()
    with django_assert_num_queries(1):
        rules_snapshot()


@pytest.mark.django_db
def test_a_scenario_older_than_the_versions_keeps_what_stood_as_its_first():
    (place,) = make_locations(1)
    scenario = make_scenario(place)
    ScenarioVersion.objects.all().delete()
    type(scenario).objects.update(version=0)
    save_scenario({"priority": 3}, scenario_id=scenario.pk, now=later(9))
    rows = ScenarioVersion.objects.order_by("number").values_list("number", "act", "body__priority")
    assert list(rows) == [(1, "found", 100), (2, "changed", 3)]

"""What each selector prefers."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ambar.oms.planning.domain import searching
from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.domain.selectors import SELECTORS
from ambar.oms.planning.domain.selectors.by_exit_time import hand_over
from ambar.oms.planning.domain.spreading import rules_of
from ambar.oms.planning.domain.values import View
from ambar.oms.scenarios.domain.rules import SELECTORS as NAMES
from ambar.oms.scenarios.domain.rules import read_rules
from tests.unit.oms.planning.planning_world import NOW, location, order, placed, rule, rules, scenario, view

FRIDAY_NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def by(*selectors, **given):
    return rules(scenario(rule(selectors=[f"SELECT_BY_{name}" for name in selectors], **given)))


def test_the_rules_and_the_engine_know_the_same_selectors():
    assert set(NAMES) == set(SELECTORS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"exit_time": "17:00:00", "targeted_packaging_minutes": 300}, "2026-01-02T17:00"),
        ({"exit_time": "17:00:00", "targeted_packaging_minutes": 301}, "2026-01-03T17:00"),
        ({"exit_time": "17:00", "targeted_packaging_minutes": None}, "2026-01-02T17:00"),
        ({"exit_time": "11:00", "calendar": {"days": [1, 2, 3, 4, 5]}}, "2026-01-05T11:00"),
        ({"exit_time": "17:00", "calendar": {"closed": ["2026-01-02", "2026-01-03"]}}, "2026-01-04T17:00"),
        ({"exit_time": "17:00", "calendar": {"days": []}}, "9999"),
        ({"exit_time": None}, "9999"),
    ],
)
def test_the_earliest_hand_over_looks_at_packing_time_exit_time_and_calendar(given, expected):
    assert hand_over(location(1, properties=given), FRIDAY_NOON) == expected


def test_exit_time_prefers_who_hands_over_first_and_those_without_come_last():
    places = (
        location(1, properties={"exit_time": None}),
        location(2, properties={"exit_time": "18:00"}),
        location(3, properties={"exit_time": "16:00", "calendar": {"days": [6]}}),
    )
    seen = view({1: {7: 1}, 2: {7: 1}, 3: {7: 1}}, *places)
    planned = plan(order((7, 1)), by("EXIT_TIME"), seen, FRIDAY_NOON)
    assert placed(planned) == {(2, 100): {100: "1"}}
    assert rules_of(planned.record)[0]["ranked"] == [
        [2, "2026-01-02T18:00"],
        [3, "2026-01-03T16:00"],
        [1, None],
    ]


def test_reliability_counts_only_with_enough_history():
    seen = view({1: {7: 1}, 2: {7: 1}, 3: {7: 1}})
    seen = View(
        hash="v",
        locations=seen.locations,
        stock=seen.stock,
        reliability={1: (1, 20), 2: (19, 19), 3: (1, 100)},
    )
    planned = plan(order((7, 1)), by("RELIABILITY"), seen, NOW)
    assert rules_of(planned.record)[0]["ranked"] == [[2, 0], [3, 10], [1, 50]]


def costs(*selectors, **given):
    table = [
        {"zone": "abroad", "parcel": "200", "per_kg": "30"},
        {"zone": "same_country", "parcel": "49.90", "per_kg": "4.50"},
        {"zone": "same_city", "parcel": "29.90", "per_kg": "9"},
    ]
    chain = rule(selectors=[f"SELECT_BY_{name}" for name in selectors], **given)
    return read_rules({"scenarios": [scenario(chain)], "transfers": [], "costs": table})


def weighing(asked, *kilograms):
    lines = tuple(replace(line, weight=kg) for line, kg in zip(asked.lines, kilograms, strict=True))
    return replace(asked, lines=lines)


def test_cost_adds_parcel_and_weight_of_the_narrowest_zone_with_a_row():
    places = (
        location(1, properties={"country_id": 90, "city_id": 6}),
        location(2, properties={"country_id": 90, "city_id": 34}),
        location(3, properties={"country_id": 49, "city_id": 1}),
        location(4, properties={}),
    )
    seen = view({n: {7: 9} for n in (1, 2, 3, 4)}, *places)
    asked = weighing(order((7, 4), country_id=90, city_id=34), Decimal("1.5"))
    planned = plan(asked, costs("COST"), seen, NOW)
    assert rules_of(planned.record)[0]["ranked"] == [[1, "76.90"], [2, "83.90"], [3, "380.00"], [4, None]]
    light = plan(weighing(asked, Decimal("0.1")), costs("COST"), seen, NOW)
    assert rules_of(light.record)[0]["ranked"][0] == [2, "33.50"]
    unknown = plan(weighing(asked, None), costs("COST"), seen, NOW)
    assert unknown.record["weightless"] == [0]
    assert rules_of(unknown.record)[0]["ranked"][0] == [2, "29.90"]


def test_two_cheap_packages_beat_one_dear_one():
    places = (
        location(1, properties={"country_id": 49}),
        location(2, properties={"country_id": 90}),
        location(3, properties={"country_id": 90}),
    )
    seen = view({1: {7: 9, 8: 9}, 2: {7: 9}, 3: {8: 9}}, *places)
    asked = order((7, 1), (8, 1), country_id=90)
    planned = plan(asked, costs("COST"), seen, NOW)
    assert placed(planned) == {(2, 150): {100: "1"}, (3, 150): {101: "1"}}
    assert planned.record["rules"][0]["search"]["cost"] == "99.80"
    fewest = plan(asked, costs("FEWEST_PACKAGES", "COST"), seen, NOW)
    assert placed(fewest) == {(1, 100): {100: "1", 101: "1"}}
    whole = plan(asked, costs("COST", split_policy="whole_order"), seen, NOW)
    assert placed(whole) == {(1, 100): {100: "1", 101: "1"}}


def test_fewest_packages_finds_two_where_best_first_takes_three():
    stock = {1: {7: 5, 8: 5}, 2: {7: 5, 9: 5}, 3: {8: 5, 9: 5, 10: 5}, 4: {7: 5, 10: 1}}
    asked = order((7, 5), (8, 5), (9, 5), (10, 5))
    assert len(plan(asked, by("PRIORITY"), view(stock), NOW).packages) == 3
    planned = plan(asked, by("FEWEST_PACKAGES", "PRIORITY"), view(stock), NOW)
    assert placed(planned) == {
        (1, 150): {100: "5", 101: "5"},
        (3, 150): {102: "5", 103: "5"},
    }
    assert planned.record["rules"][0]["search"]["packages"] == 2


def test_one_location_that_holds_everything_needs_no_search():
    stock = {1: {7: 5}, 2: {7: 5, 8: 5}, 3: {7: 5, 8: 5}}
    planned = plan(order((7, 5), (8, 5)), by("FEWEST_PACKAGES", "STOCK"), view(stock), NOW)
    assert placed(planned) == {(2, 100): {100: "5", 101: "5"}}
    assert planned.record["rules"][0]["search"] == {"nodes": 0, "packages": 1}


def test_what_stands_before_fewest_packages_decides_first():
    places = (location(1, priority=1), location(2, priority=1), location(3, priority=2))
    seen = view({1: {7: 1}, 2: {7: 1, 8: 1}, 3: {7: 1, 8: 1}}, *places)
    planned = plan(order((7, 2), (8, 1)), by("PRIORITY", "FEWEST_PACKAGES"), seen, NOW)
    assert placed(planned) == {(1, 150): {100: "1"}, (2, 150): {100: "1", 101: "1"}}


def test_a_spent_budget_falls_back_and_says_so(monkeypatch):
    monkeypatch.setattr(searching, "NODES", 0)
    stock = {1: {7: 5, 8: 5}, 2: {7: 5, 9: 5}, 3: {8: 5, 9: 5, 10: 5}, 4: {7: 5, 10: 1}}
    asked = order((7, 5), (8, 5), (9, 5), (10, 5))
    planned = plan(asked, by("FEWEST_PACKAGES", "PRIORITY"), view(stock), NOW)
    assert sum(quantity for package in planned.packages for _, _, quantity in package.items) == 20
    assert planned.record["rules"][0]["search"] == {"nodes": 1, "spent": 0, "packages": 2}


def test_a_limit_on_packages_does_not_lose_what_another_set_could_give():
    stock = {1: {7: 1}, 2: {7: 2}, 3: {7: 4}, 4: {7: 3}}
    planned = plan(order((7, 6)), by("PRIORITY", max_packages=2), view(stock), NOW)
    assert placed(planned) == {(2, 150): {100: "2"}, (3, 150): {100: "4"}}
    assert planned.record["rules"][0]["search"]["why"] == "best first left some"

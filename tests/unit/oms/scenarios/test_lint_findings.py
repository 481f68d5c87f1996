"""Every finding of the linter has a seeded fault; a sound set of scenarios has none."""

import pytest

from ambar.oms.scenarios.domain.lint import SEVERITIES, TEXTS, lint
from ambar.oms.scenarios.domain.lint.scenarios import EVENTS
from ambar.oms.scenarios.domain.rules import SELECTORS
from tests.unit.oms.scenarios.lint_world import (
    asks,
    codes,
    criteria,
    location,
    rule,
    scenario,
    transfer,
    transfer_rule,
    world,
)

IMPOSSIBLE = {"all": [asks("sku", "eq", "A"), asks("sku", "eq", "B")]}
NOWHERE = asks("tags", "contains", "cold")
NEVER = {"all": [asks("id", "eq", 1), asks("id", "eq", 2)]}


def one(*rules, **given):
    return world([scenario(rules=list(rules))], **given)


FAULTS = {
    "no_active_scenario": world([]),
    "scenario_without_rules": one(),
    "static_without_values": world([scenario(**criteria(payment_condition_type="static"))]),
    "criterion_impossible": world(
        [scenario(**criteria(shipping_query={"all": [asks("amount", "lt", 1), asks("amount", "gt", 2)]}))]
    ),
    "scenario_shadowed": world(
        [scenario(1, "all"), scenario(2, "web", **criteria(channel_query=asks("channel_id", "eq", 7)))]
    ),
    "unknown_channel": world([scenario(**criteria(channel_query=asks("channel", "in", ["Trendyol"])))]),
    "default_location_missing": world([scenario(default_location_id=99)]),
    "default_location_inactive": world(locations=[location(1, is_active=False), location(2)]),
    "initial_status_dead_end": world(leaving=frozenset({100})),
    "event_without_hook": world(hooked=frozenset(EVENTS) - {"package.status.shipped"}),
    "rule_unreachable": one(rule(product_mode="only", product_condition=IMPOSSIBLE)),
    "rule_shadowed": one(rule(), rule(id=2, name="later", location_condition=asks("city_id", "eq", 34))),
    "rule_name_twice": one(rule(location_condition=asks("city_id", "eq", 34)), rule(id=2)),
    "no_location_matches": one(rule(location_condition=NOWHERE)),
    "quota_without_limit": one(
        rule(selectors=["SELECT_BY_QUOTA"]), locations=[location(1, max_quota=None), location(2, max_quota=None)]
    ),
    "quota_zero": one(rule(selectors=["SELECT_BY_QUOTA"]), locations=[location(1), location(2, max_quota=0)]),
    "transferable_without_transfer_scenario": one(rule(transferable=True)),
    "cost_without_table": one(rule(selectors=["SELECT_BY_COST"]), costs=()),
    "reliability_without_data": one(rule(selectors=["SELECT_BY_RELIABILITY"]), measured=frozenset()),
    "exit_time_without_data": one(
        rule(selectors=["SELECT_BY_EXIT_TIME"]), locations=[location(1, has_exit_time=False)]
    ),
    "distance_without_positions": one(
        rule(selectors=["SELECT_BY_DISTANCE"]), locations=[location(1, has_position=False)]
    ),
    "max_packages_without_split": one(rule(split_policy="whole_order", max_packages=2)),
    "split_above_without_split": one(rule(split_policy="whole_order", split_above_amount="100.00")),
    "fewest_packages_without_split": one(
        rule(split_policy="whole_order", selectors=["SELECT_BY_FEWEST_PACKAGES"])
    ),
    "transfer_scenario_unused": world(transfers=[transfer()]),
    "transfer_scenario_without_rules": world(transfers=[transfer(rules=[])]),
    "no_package_location_matches": one(
        rule(transferable=True),
        transfers=[transfer(rules=[transfer_rule(), transfer_rule(name="cold", location_condition=NOWHERE)])],
    ),
    "no_source_matches": one(
        rule(transferable=True),
        transfers=[transfer(rules=[transfer_rule(product_mode="only", product_condition=asks("sku", "eq", "A"), source_condition=NOWHERE), transfer_rule()])],
    ),
}  # fmt: skip


def test_every_finding_has_a_seeded_fault_and_both_languages():
    assert FAULTS.keys() == TEXTS.keys()
    for text in TEXTS.values():
        assert text.severity in SEVERITIES
        assert all(len(said) == 3 and all(said) for said in (text.en, text.tr))


@pytest.mark.parametrize("code", FAULTS)
def test_a_seeded_fault_is_the_only_thing_found(code):
    found = lint(FAULTS[code])
    assert [finding.code for finding in found] == [code]
    for language in ("en", "tr"):
        assert all(said and "{" not in said for said in found[0].said(language))


def test_a_sound_set_has_no_findings():
    cold = asks("attributes.storage", "eq", "cold")
    sound = world(
        [
            scenario(
                1,
                "market place",
                rules=[
                    rule(product_mode="only", product_condition=cold, location_condition=asks("distance_km", "lte", 30), selectors=["SELECT_BY_DISTANCE"]),
                    rule(id=2, name="city", product_mode="except", product_condition=cold, location_condition=asks("same_city", "eq", True), split_policy="whole_lines", max_packages=2, selectors=["SELECT_BY_QUOTA", "SELECT_BY_FEWEST_PACKAGES", "SELECT_BY_COST"]),
                    rule(id=3, name="pickup", location_condition=asks("is_pickup_store", "eq", True), transferable=True),
                    rule(id=4, name="the rest", selectors=list(SELECTORS)),
                ],
                **criteria(channel_condition_type="static", channel_values=[7]),
            ),
            scenario(2, "dear", **criteria(payment_query=asks("amount", "gte", 500))),
            scenario(3, "the rest"),
        ],
        transfers=[transfer(rules=[transfer_rule(location_condition=asks("city_id", "eq", 34), source_condition=asks("same_city", "eq", True)), transfer_rule(id=2, name="anywhere")])],
    )  # fmt: skip
    assert codes(sound) == []


def test_an_installation_without_a_seller_center_needs_no_hooks():
    assert codes(world(hooked=None)) == []
    assert codes(world(hooked=frozenset())).count("event_without_hook") == len(EVENTS)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (criteria(), criteria(payment_query=asks("amount", "gt", 5))),
        (criteria(payment_query=asks("amount", "gt", 5)), criteria(shipping_query=asks("amount", "gte", 6))),
        (
            criteria(channel_condition_type="static", channel_values=[7, 8]),
            criteria(channel_condition_type="static", channel_values=[7]),
        ),
        (
            criteria(channel_query=asks("channel_id", "in", [7])),
            criteria(channel_condition_type="static", channel_values=[7]),
        ),
    ],
)
def test_a_scenario_behind_a_wider_one_is_shadowed_and_not_the_other_way_round(earlier, later):
    channels = {n: {"channel_id": n, "channel": f"C{n}", "channel_type": "web"} for n in (7, 8)}

    def both(first, second):
        return codes(world([scenario(1, "one", **first), scenario(2, "two", **second)], channels=channels))

    assert both(earlier, later) == ["scenario_shadowed"]
    assert both(later, earlier) == []


CITY = asks("city_id", "eq", 34)
COLD = asks("attributes.storage", "eq", "cold")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"split_policy": "whole_lines"}, {"split_policy": "free"}),
        ({"max_packages": 2}, {}),
        ({"split_above_amount": "50"}, {}),
        ({"location_condition": CITY}, {}),
        ({"selectors": ["SELECT_BY_QUOTA"]}, {}),
        ({}, {"transferable": True}),
        ({"split_policy": "whole_order"}, {"split_policy": "whole_order", "product_mode": "only", "product_condition": COLD}),
        ({"product_mode": "only", "product_condition": COLD}, {"product_mode": "except", "product_condition": COLD}),
        ({"product_mode": "only", "product_condition": COLD}, {}),
    ],
)  # fmt: skip
def test_a_rule_behind_a_narrower_one_is_reached(before, after):
    seen = one(rule(**before), rule(id=2, name="later", **after), transfers=[transfer()])
    assert "rule_shadowed" not in codes(seen)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"split_policy": "whole_lines"}, {"split_policy": "whole_order"}),
        ({"split_policy": "whole_order"}, {"split_policy": "whole_order"}),
        ({"product_mode": "except", "product_condition": COLD}, {"product_mode": "except", "product_condition": COLD}),
        ({"selectors": ["SELECT_BY_QUOTA"]}, {"selectors": ["SELECT_BY_QUOTA", "SELECT_BY_STOCK"]}),
    ],
)  # fmt: skip
def test_a_rule_that_finds_everything_placed_is_shadowed(before, after):
    found = lint(one(rule(**before), rule(id=2, name="later", **after)))
    assert [(x.code, x.rule, x.rule_position, x.figures["other"]) for x in found] == [
        ("rule_shadowed", "later", 1, "anywhere")
    ]


def test_two_rules_that_share_all_products_between_them_shadow_a_third():
    found = lint(
        one(
            rule(name="cold", product_mode="only", product_condition=COLD),
            rule(id=2, name="dry", product_mode="except", product_condition=COLD),
            rule(id=3, name="later"),
        )
    )
    assert [(x.rule, x.figures["other"]) for x in found] == [("later", "cold + dry")]


@pytest.mark.parametrize(
    ("transfers", "locations"),
    [
        ([transfer(rules=[transfer_rule(location_condition=asks("city_id", "eq", 35))])], None),
        ([transfer(**criteria(channel_condition_type="static", channel_values=[8]))], None),
        ([transfer()], [location(1), location(2, is_transfer_location=False)]),
    ],
)
def test_a_transferable_rule_needs_a_transfer_scenario_for_its_orders_and_its_locations(transfers, locations):
    channels = {n: {"channel_id": n, "channel": f"C{n}", "channel_type": "web"} for n in (7, 8)}
    mine = scenario(
        rules=[rule(transferable=True, location_condition=asks("id", "eq", 1))],
        **criteria(channel_condition_type="static", channel_values=[7]),
    )
    places = locations or [location(1), location(2), location(3, city_id=35)]
    if locations:
        places = [location(1, is_transfer_location=True), location(2, is_transfer_location=False)]
    seen = world([mine], transfers=transfers, locations=places, channels=channels)
    assert "transferable_without_transfer_scenario" in codes(seen)
    whole = world([mine], transfers=[transfer()], locations=[location(1), location(2)], channels=channels)
    assert codes(whole) == []


def test_a_package_rule_behind_one_that_takes_its_packages_is_shadowed():
    near = transfer_rule(name="near", source_condition=asks("same_city", "eq", True))
    seen = one(rule(transferable=True), transfers=[transfer(rules=[near, transfer_rule(name="far")])])
    assert [(x.code, x.kind, x.rule, x.figures["other"]) for x in lint(seen)] == [
        ("rule_shadowed", "transfer", "far", "near")
    ]


def test_the_worst_comes_first():
    seen = world(
        [scenario(rules=[rule(split_policy="whole_order", max_packages=2)], default_location_id=99)],
        hooked=frozenset(EVENTS[1:]),
    )
    assert [x.severity for x in lint(seen)] == ["error", "warning", "notice"]

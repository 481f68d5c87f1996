"""Planning one order: which location gives what, and why."""

from decimal import Decimal

import pytest

from ambar.oms.planning.domain.engine import plan, plan_all
from ambar.oms.planning.domain.recording import matrix
from tests.unit.oms.planning.planning_world import (
    DEFAULT,
    NOW,
    location,
    order,
    placed,
    rule,
    rules,
    scenario,
    view,
)


def test_thirteen_units_over_ten_and_fifteen_add_up_to_thirteen():
    """Trap 5: 13 units over locations that hold 10 and 15."""
    planned = plan(order((7, 13)), rules(), view({1: {7: 10}, 2: {7: 15}}), NOW)
    assert placed(planned) == {(1, 150): {100: "10"}, (2, 150): {100: "3"}}


def test_thirteen_units_over_three_locations_never_pass_a_location_s_stock():
    """Trap 5: 13 units over three locations, none above its stock."""
    planned = plan(order((7, 13)), rules(), view({1: {7: 4}, 2: {7: 5}, 3: {7: 6}}), NOW)
    assert placed(planned) == {(1, 150): {100: "4"}, (2, 150): {100: "5"}, (3, 150): {100: "4"}}


def test_two_lines_of_one_product_share_its_stock():
    """Trap 4: two lines of one product share its stock."""
    planned = plan(
        order((7, 2), (7, 2)), rules(scenario(rule(split_policy="whole_order"))), view({1: {7: 3}}), NOW
    )
    assert placed(planned) == {(DEFAULT, 920): {100: "2", 101: "2"}}
    planned = plan(
        order((7, 2), (7, 2)), rules(scenario(rule(split_policy="whole_lines"))), view({1: {7: 3}}), NOW
    )
    assert placed(planned) == {(1, 150): {100: "2"}, (DEFAULT, 920): {101: "2"}}


def test_whole_order_goes_to_the_best_location_that_has_everything():
    stock = {1: {7: 9}, 2: {7: 9, 8: 1}, 3: {7: 9, 8: 9}}
    planned = plan(order((7, 1), (8, 1)), rules(scenario(rule(split_policy="whole_order"))), view(stock), NOW)
    assert placed(planned) == {(2, 100): {100: "1", 101: "1"}}


def test_what_a_rule_does_not_place_goes_to_the_next_rule():
    chain = scenario(rule(1, split_policy="whole_order"), rule(2, split_policy="whole_lines"))
    planned = plan(order((7, 1), (8, 1)), rules(chain), view({1: {7: 1}, 2: {8: 1}}), NOW)
    assert placed(planned) == {(1, 150): {100: "1"}, (2, 150): {101: "1"}}


def test_packages_never_pass_max_packages_of_the_rule():
    planned = plan(
        order((7, 9)), rules(scenario(rule(max_packages=2))), view({1: {7: 3}, 2: {7: 3}, 3: {7: 3}}), NOW
    )
    assert placed(planned) == {(1, 150): {100: "3"}, (2, 150): {100: "3"}, (DEFAULT, 920): {100: "3"}}


def test_an_order_below_the_split_value_is_not_split():
    only = rules(scenario(rule(split_above_amount="500")))
    stock = view({1: {7: 1}, 2: {8: 1}})
    assert placed(plan(order((7, 1), (8, 1), amount=Decimal("499.99")), only, stock, NOW)) == {
        (DEFAULT, 920): {100: "1", 101: "1"}
    }
    assert len(plan(order((7, 1), (8, 1), amount=Decimal("500")), only, stock, NOW).packages) == 2


def test_product_modes_only_and_except_choose_the_lines():
    sevens = {"field": "sku", "op": "eq", "value": "SKU-7"}
    stock = view({1: {7: 1, 8: 1}})
    only = rules(scenario(rule(product_mode="only", product_condition=sevens)))
    assert placed(plan(order((7, 1), (8, 1)), only, stock, NOW)) == {
        (1, 150): {100: "1"},
        (DEFAULT, 920): {101: "1"},
    }
    other = rules(scenario(rule(product_mode="except", product_condition=sevens)))
    assert placed(plan(order((7, 1), (8, 1)), other, stock, NOW)) == {
        (1, 150): {101: "1"},
        (DEFAULT, 920): {100: "1"},
    }


def test_location_condition_on_distance_removes_and_says_so():
    near = location(2, latitude=41.0, longitude=29.0)
    far = location(1, latitude=39.9, longitude=32.8)
    close = rules(scenario(rule(location_condition={"field": "distance_km", "op": "lte", "value": 150})))
    planned = plan(
        order((7, 1), latitude=41.1, longitude=29.1), close, view({1: {7: 5}, 2: {7: 5}}, near, far), NOW
    )
    assert placed(planned) == {(2, 100): {100: "1"}}
    assert planned.record["rules"][0]["removed"] == [[1, "condition", "distance_km", "lte", 150, 340.1]]


def test_a_location_that_refused_a_line_does_not_get_it_again():
    planned = plan(order((7, 1, {1: "refused"}), (8, 1)), rules(), view({1: {7: 5, 8: 5}, 2: {7: 5}}), NOW)
    assert placed(planned) == {(1, 150): {101: "1"}, (2, 150): {100: "1"}}


def test_inactive_locations_get_nothing():
    """Trap 15: a destination that is switched off gets nothing, and the record says so."""
    shut = location(1, is_active=False)
    planned = plan(order((7, 1)), rules(), view({1: {7: 5}, 2: {7: 5}}, shut, location(2)), NOW)
    assert placed(planned) == {(2, 100): {100: "1"}}
    assert planned.record["rules"][0]["removed"] == [[1, "inactive"]]


@pytest.mark.parametrize(
    ("selectors", "winner"),
    [
        (["SELECT_BY_PRIORITY"], 3),
        (["SELECT_BY_STOCK"], 2),
        (["SELECT_BY_DISTANCE"], 1),
        (["SELECT_BY_QUOTA"], 2),
        ([], 1),
    ],
)
def test_selectors_choose(selectors, winner):
    places = (
        location(1, priority=5, latitude=41.0, longitude=29.0, max_quota=10),
        location(2, priority=5, latitude=38.0, longitude=27.0, max_quota=20),
        location(3, priority=1),
    )
    stock = view({1: {7: 1}, 2: {7: 9}, 3: {7: 5}}, *places, used={1: 2, 2: 3})
    planned = plan(
        order((7, 1), latitude=41.0, longitude=29.0), rules(scenario(rule(selectors=selectors))), stock, NOW
    )
    assert placed(planned) == {(winner, 100): {100: "1"}}


def test_quota_zero_used_up_or_absent_gives_no_package():
    places = (location(1, max_quota=0), location(2, max_quota=3), location(3))
    stock = view({1: {7: 1}, 2: {7: 1}, 3: {7: 1}}, *places, used={2: 3})
    planned = plan(order((7, 1)), rules(scenario(rule(selectors=["SELECT_BY_QUOTA"]))), stock, NOW)
    assert placed(planned) == {(DEFAULT, 920): {100: "1"}}
    assert planned.record["rules"][0]["removed"] == [
        [1, "quota", 0, 0],
        [2, "quota", 3, 3],
        [3, "quota", 0, None],
    ]


def test_quota_is_not_asked_by_a_rule_without_the_selector():
    planned = plan(order((7, 1)), rules(), view({1: {7: 1}}, location(1, max_quota=0)), NOW)
    assert placed(planned) == {(1, 100): {100: "1"}}


def test_an_order_no_scenario_matches_is_held_with_its_reason():
    web = scenario(channel_condition_type="static", channel_values=[5])
    planned = plan(
        order((7, 1), properties={"channel_id": 6, "channel": "Pazar"}), rules(web), view({1: {7: 1}}), NOW
    )
    assert planned.packages == ()
    assert planned.hold.code == "no_scenario"
    assert planned.hold.message == (
        "No distribution scenario matches (channel Pazar): scenario 1: channel does not match."
    )


def test_static_criteria_without_values_match_nothing_and_shipping_looks_at_company_and_option():
    empty = scenario(number=1, payment_condition_type="static")
    cargo = scenario(number=2, shipping_condition_type="static", shipping_values=["ARAS KARGO"])
    known = rules(empty, cargo)
    planned = plan(order((7, 1), properties={"cargo_company": "Aras Kargo"}), known, view({1: {7: 1}}), NOW)
    assert planned.scenario_id == 2
    assert planned.record["asked"] == [[1, "payment"]]


def test_unknown_stock_keeps_the_order_pending_and_takes_nothing():
    seen = view({1: {7: 1}}, location(1), location(2), unknown={2})
    planned, after = plan_all([order((7, 2)), order((7, 1), id=2)], rules(), seen, NOW)
    assert (planned.hold.code, planned.hold.pending, planned.packages) == ("stock_unknown", True, ())
    assert placed(after) == {(1, 100): {100: "1"}}


def test_orders_of_one_pass_see_what_the_earlier_ones_left():
    first, second = plan_all([order((7, 2)), order((7, 2), id=2)], rules(), view({1: {7: 3}, 2: {7: 3}}), NOW)
    assert placed(first) == {(1, 100): {100: "2"}}
    assert placed(second) == {(1, 150): {100: "1"}, (2, 150): {100: "1"}}


def test_an_order_that_breaks_the_planner_is_held_and_the_others_go_on():
    broken = order((7, 1), amount="a lot")
    above = rules(scenario(rule(split_above_amount="1")))
    bad, good = plan_all([broken, order((7, 1), id=2, amount=Decimal(5))], above, view({1: {7: 1}}), NOW)
    assert bad.hold.code == "planning_failed"
    assert placed(good) == {(1, 100): {100: "1"}}


def test_the_record_spreads_into_the_matrix_with_reasons():
    planned = plan(
        order((7, 2), (8, 1)),
        rules(scenario(rule(split_policy="whole_lines"))),
        view({1: {7: 1, 8: 1}, 2: {7: 2}}),
        NOW,
    )
    cells = matrix(planned.record, [(7, Decimal(2)), (8, Decimal(1))])
    assert [(c["line"], c["location"], c["kept"], c["because"], c["took"]) for c in cells] == [
        (0, 1, False, ["stock", "1", "2"], "0"),
        (0, 2, True, None, "2"),
        (1, 1, True, None, "1"),
        (1, 2, False, ["stock", "0", "1"], "0"),
    ]

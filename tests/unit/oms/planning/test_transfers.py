"""Transferable rules: what is missing at the chosen location is brought, and the record says from where or why not."""

from decimal import Decimal

from ambar.oms.planning.domain.engine import plan, plan_all
from ambar.oms.planning.domain.recording import matrix
from ambar.oms.planning.domain.values import Transfer
from ambar.oms.scenarios.domain.rules import read_rules
from tests.unit.oms.planning.planning_world import DEFAULT, NOW, location, order, placed, rule, scenario, view
from tests.unit.oms.planning.random_worlds import transfer_rule, transfer_scenario

GIVES = {"is_transfer_location": True}
SHOP = {"field": "is_pickup_store", "op": "eq", "value": True}


def known(*ways, chain=None):
    made = chain or [rule(split_policy="whole_order", transferable=True)]
    return read_rules({"scenarios": [scenario(*made)], "transfers": list(ways), "costs": []})


def anywhere(**given):
    return transfer_scenario(transfer_rule(**given))


def test_a_pickup_store_gets_what_it_lacks_and_waits():
    chain = [rule(split_policy="whole_order", transferable=True, location_condition=SHOP)]
    places = (location(1), location(2, properties=GIVES), location(3, properties=GIVES))
    seen = view({1: {7: 1}, 2: {7: 1, 8: 4}, 3: {7: 9}}, *places)
    asked = order((7, 3), (8, 1), pickup_location_id=1)
    planned = plan(asked, known(anywhere(), chain=chain), seen, NOW)
    assert placed(planned) == {(1, 300): {100: "3", 101: "1"}}
    assert planned.transfers == (
        Transfer(source_id=2, destination_id=1, items=((100, 7, Decimal(1)), (101, 8, Decimal(1)))),
        Transfer(source_id=3, destination_id=1, items=((100, 7, Decimal(1)),)),
    )
    assert planned.record["rules"][0]["moved"] == [[0, 1, 2, 1000], [0, 1, 3, 1000], [1, 1, 2, 1000]]


def test_a_store_without_anything_of_its_own_gets_everything_by_transfer():
    chain = [rule(split_policy="whole_order", transferable=True, location_condition=SHOP)]
    places = (location(1), location(2, properties=GIVES))
    asked = order((7, 2), pickup_location_id=1)
    planned = plan(asked, known(anywhere(), chain=chain), view({2: {7: 2}}, *places), NOW)
    assert placed(planned) == {(1, 300): {100: "2"}}


def test_not_enough_anywhere_is_as_if_not_transferable_and_says_so():
    places = (location(1), location(2, properties=GIVES))
    planned = plan(order((7, 9)), known(anywhere()), view({1: {7: 1}, 2: {7: 2}}, *places), NOW)
    assert placed(planned) == {(DEFAULT, 920): {100: "9"}}
    assert planned.record["rules"][0]["transfers"] == {"scenario": 1, "short": [[7, 3000, 9000]]}


def test_no_transfer_scenario_for_the_order_is_named():
    only_web = transfer_scenario(transfer_rule())
    only_web |= {"channel_condition_type": "static", "channel_values": ["5"]}
    places = (location(1), location(2, properties=GIVES))
    asked = order((7, 2), properties={"channel_id": 6})
    planned = plan(asked, known(only_web), view({1: {7: 1}, 2: {7: 2}}, *places), NOW)
    assert placed(planned) == {(2, 100): {100: "2"}}
    assert planned.record["rules"][0]["transfers"] == {"scenario": None, "asked": [[1, "channel"]]}


def test_sources_must_be_active_transfer_locations_that_pass_and_did_not_refuse():
    near = {"field": "same_city", "op": "eq", "value": True}
    places = (
        location(1, properties={"city_id": 34}),
        location(2, properties={"city_id": 34}),
        location(3, is_active=False, properties={"city_id": 34, **GIVES}),
        location(4, properties={"city_id": 6, **GIVES}),
        location(5, properties={"city_id": 34, **GIVES}),
        location(6, properties={"city_id": 34, **GIVES}),
    )
    seen = view({1: {7: 1}, **{place: {7: 5} for place in range(2, 7)}}, *places)
    chain = [
        rule(
            split_policy="whole_order",
            transferable=True,
            location_condition={"field": "id", "op": "eq", "value": 1},
        )
    ]
    planned = plan(
        order((7, 4, {5: "refused"})), known(anywhere(source_condition=near), chain=chain), seen, NOW
    )
    assert [way.source_id for way in planned.transfers] == [6]
    assert placed(planned) == {(1, 300): {100: "4"}}


def test_the_first_transfer_rule_that_fits_place_and_product_says_who_gives():
    sevens = {"field": "sku", "op": "eq", "value": "SKU-7"}
    here = {"field": "id", "op": "eq", "value": 1}
    ways = transfer_scenario(
        transfer_rule(1, location_condition={"field": "id", "op": "eq", "value": 9}),
        transfer_rule(
            2, location_condition=here, product_mode="except", product_condition=sevens,
            source_condition={"field": "id", "op": "eq", "value": 2},
        ),
        transfer_rule(3, source_condition={"field": "id", "op": "eq", "value": 3}),
    )  # fmt: skip
    places = (location(1), location(2, properties=GIVES), location(3, properties=GIVES))
    seen = view({1: {}, 2: {7: 5, 8: 5}, 3: {7: 5, 8: 5}}, *places)
    planned = plan(order((7, 1), (8, 1)), known(ways), seen, NOW)
    assert {(way.source_id, way.items[0][1]) for way in planned.transfers} == {(3, 7), (2, 8)}


def test_own_goods_are_used_before_anything_travels_and_sources_shrink_for_the_next_order():
    places = (location(1, properties=GIVES), location(2, properties=GIVES))
    seen = view({1: {7: 2}, 2: {7: 3}}, *places)
    first, second = plan_all([order((7, 3)), order((7, 3), id=2)], known(anywhere()), seen, NOW)
    assert [(way.source_id, way.items[0][2]) for way in first.transfers] == [(2, Decimal(1))]
    assert placed(second) == {(DEFAULT, 920): {100: "3"}}


def test_two_lines_of_one_product_never_get_the_same_goods_twice():
    """Trap 4: two lines of one product share what sources have."""
    places = (location(1), location(2, properties=GIVES))
    seen = view({1: {7: 1}, 2: {7: 2}}, *places)
    assert placed(plan(order((7, 2), (7, 2)), known(anywhere()), seen, NOW)) == {
        (DEFAULT, 920): {100: "2", 101: "2"}
    }
    planned = plan(order((7, 1), (7, 2)), known(anywhere()), seen, NOW)
    assert placed(planned) == {(1, 300): {100: "1", 101: "2"}}
    assert [way.items for way in planned.transfers] == [((101, 7, Decimal(2)),)]


def test_whole_lines_and_free_take_transfers_too():
    places = (location(1), location(2, properties=GIVES))
    seen = view({1: {7: 1}, 2: {7: 2, 8: 1}}, *places)
    for split in ("whole_lines", "free"):
        chain = [rule(split_policy=split, transferable=True)]
        planned = plan(order((7, 3), (8, 1)), known(anywhere(), chain=chain), seen, NOW)
        assert placed(planned) == {(1, 300): {100: "3", 101: "1"}}


def test_packages_are_limited_and_transfers_are_not():
    places = (location(1), location(2, properties=GIVES), location(3, properties=GIVES))
    seen = view({1: {7: 1}, 2: {7: 1}, 3: {7: 1}}, *places)
    chain = [rule(transferable=True, max_packages=1)]
    planned = plan(order((7, 3)), known(anywhere(), chain=chain), seen, NOW)
    assert placed(planned) == {(1, 300): {100: "3"}}
    assert len(planned.transfers) == 2


def test_the_matrix_shows_what_was_brought_and_what_could_not_be():
    places = (location(1), location(2, properties=GIVES))
    seen = view({1: {7: 1}, 2: {7: 2}}, *places)
    chain = [rule(split_policy="whole_lines", transferable=True)]
    planned = plan(order((7, 3)), known(anywhere(), chain=chain), seen, NOW)
    cells = {cell["location"]: cell for cell in matrix(planned.record, [(7, Decimal(3))])}
    assert (cells[1]["took"], cells[1]["brought"], cells[1]["kept"]) == ("3", "2", True)
    planned = plan(order((7, 9)), known(anywhere(), chain=chain), seen, NOW)
    cells = {cell["location"]: cell for cell in matrix(planned.record, [(7, Decimal(9))])}
    assert cells[1]["because"] == ["transfer", "short", "2", "8"]

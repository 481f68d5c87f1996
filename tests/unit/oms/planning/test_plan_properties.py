"""What holds for every plan."""

import random
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambar.oms.planning.domain.engine import plan, plan_all
from ambar.oms.planning.domain.recording import digest, pack, seen_by, unpack
from tests.unit.oms.planning.planning_world import DEFAULT, NOW, location, order, rule, rules, scenario, view
from tests.unit.oms.planning.random_worlds import (
    SELECTORS,
    random_order,
    random_places,
    random_rules,
    random_view,
    random_world,
)

quantity = st.decimals(min_value="0.001", max_value="20", places=3)
chains = st.lists(
    st.builds(
        lambda number, split, most, selectors: rule(
            number, split_policy=split, max_packages=most, selectors=selectors
        ),
        st.integers(1, 5),
        st.sampled_from(["whole_order", "whole_lines", "free"]),
        st.none() | st.integers(1, 3),
        st.lists(st.sampled_from(SELECTORS), unique=True, max_size=4),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda made: made["id"],
)


@st.composite
def worlds(draw):
    places = [
        location(
            number,
            priority=draw(st.integers(0, 3)),
            max_quota=draw(st.none() | st.integers(0, 3)),
            latitude=draw(st.none() | st.floats(36, 42)),
            longitude=draw(st.none() | st.floats(26, 44)),
        )
        for number in range(1, draw(st.integers(1, 5)) + 1)
    ]
    stock = {
        one.id: draw(st.dictionaries(st.integers(1, 4), st.decimals(min_value=0, max_value=20, places=3)))
        for one in places
    }
    used = {one.id: draw(st.integers(0, 3)) for one in places}
    orders = [
        order(
            *draw(st.lists(st.tuples(st.integers(1, 4), quantity), min_size=1, max_size=5)),
            id=number,
            latitude=draw(st.none() | st.floats(36, 42)),
            longitude=draw(st.none() | st.floats(26, 44)),
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    return rules(scenario(*draw(chains))), orders, view(stock, *places, used=used)


def adds_up(asked, planned, given_away):
    """Parts of every line add up to what was ordered; `given_away` collects what each location gives."""
    total, brought = defaultdict(Decimal), defaultdict(Decimal)
    for way in planned.transfers:
        for item, product, amount in way.items:
            assert amount > 0
            given_away[way.source_id, product] += amount
            brought[way.destination_id, item] += amount
    for package in planned.packages:
        waits = False
        for item, product, amount in package.items:
            assert amount > 0
            total[item] += amount
            if package.takes_stock:
                own = amount - brought.pop((package.location_id, item), Decimal(0))
                waits = waits or own != amount
                assert own >= 0
                given_away[package.location_id, product] += own
        assert (package.state == 300) == waits
    assert not brought
    assert dict(total) == {line.item_id: line.quantity for line in asked.lines}
    left = dict(planned.unplaced)
    assert sum(left.values()) == sum(
        amount for package in planned.packages if not package.takes_stock for _, _, amount in package.items
    )
    assert sum(1 for package in planned.packages if not package.takes_stock) <= 1


@given(worlds())
@settings(max_examples=200)
def test_every_ordered_unit_is_planned_once_and_no_location_gives_more_than_it_has(world):
    """Trap 5: whatever the order, parts add up and no location gives more than it has."""
    known, orders, seen = world
    given_away = defaultdict(Decimal)
    for asked, planned in zip(orders, plan_all(orders, known, seen, NOW), strict=True):
        assert planned.hold is None
        adds_up(asked, planned, given_away)
    for (place, product), amount in given_away.items():
        assert amount <= seen.stock.get(product, {}).get(place, 0)


@given(worlds())
@settings(max_examples=200)
def test_a_guarded_rule_never_passes_the_quota(world):
    """Trap 14: a limit is passed by no order of a pass."""
    known, orders, seen = world
    used = dict(seen.used)
    for planned in plan_all(orders, known, seen, NOW):
        for package in planned.packages:
            if not package.takes_stock:
                assert package.location_id == DEFAULT
                continue
            used[package.location_id] += 1
            if package.guarded:
                assert used[package.location_id] <= seen.locations[package.location_id].max_quota


@given(worlds())
@settings(max_examples=100)
def test_the_same_input_gives_the_same_plan_and_leaves_the_view_alone(world):
    known, orders, seen = world
    before = {product: dict(column) for product, column in seen.stock.items()}
    assert plan(orders[0], known, seen, NOW) == plan(orders[0], known, seen, NOW)
    assert seen.stock == before


@pytest.mark.parametrize("block", range(4))
def test_with_transfers_costs_and_history_all_of_it_holds_over_many_orders(block):
    """Parts add up, sources and destinations stay within their stock, guarded quota is kept (traps 5 and 14)."""
    for seed in range(block * 150, block * 150 + 150):
        chance = random.Random(seed)
        places = random_places(chance, chance.randint(2, 6))
        known, seen = random_rules(chance, most=3), random_view(chance, places)
        orders = [random_order(chance, places=len(places), number=n) for n in range(1, 6)]
        given_away = defaultdict(Decimal)
        used = dict(seen.used)
        for asked, planned in zip(orders, plan_all(orders, known, seen, NOW), strict=True):
            assert planned.hold is None, planned.hold
            adds_up(asked, planned, given_away)
            for package in planned.packages:
                if package.takes_stock:
                    used[package.location_id] += 1
                    if package.guarded:
                        assert used[package.location_id] <= seen.locations[package.location_id].max_quota
        for (place, product), amount in given_away.items():
            assert amount <= seen.stock[product].get(place, 0), seed


def test_every_order_of_a_pass_replays_from_its_packed_record_bit_for_bit():
    for seed in range(400):
        chance = random.Random(seed)
        places = random_places(chance, chance.randint(2, 6))
        known, seen = random_rules(chance, most=3), random_view(chance, places)
        orders = [random_order(chance, places=len(places), number=n) for n in range(1, 5)]
        for asked, planned in zip(orders, plan_all(orders, known, seen, NOW), strict=True):
            stored = unpack(pack(planned.record))
            assert stored == planned.record
            again = plan(asked, known, seen_by(stored, seen.locations, seen.hash), NOW)
            assert digest(again) == digest(planned), seed


def spent(planned):
    return any("spent" in noted.get("search", {}) for noted in planned.record["rules"])


def placed_at(planned):
    return sorted(
        (package.location_id, package.state, package.items) for package in planned.packages
    ), sorted((way.source_id, way.destination_id, way.items) for way in planned.transfers)


def uses(planned):
    return {package.location_id for package in planned.packages} | {
        way.source_id for way in planned.transfers
    }


def without(seen, place):
    return replace(
        seen,
        locations={one: made for one, made in seen.locations.items() if one != place},
        stock={
            product: {one: have for one, have in column.items() if one != place}
            for product, column in seen.stock.items()
        },
    )


@pytest.mark.parametrize("block", range(4))
def test_removing_a_location_never_moves_an_order_that_did_not_use_it(block):
    moved = 0
    for seed in range(block * 250, block * 250 + 250):
        asked, known, seen = random_world(random.Random(seed))
        planned = plan(asked, known, seen, NOW)
        for place in set(seen.locations) - uses(planned) - {DEFAULT}:
            again = plan(asked, known, without(seen, place), NOW)
            assert placed_at(again) == placed_at(planned), (seed, place)
            moved += 1
    assert moved > 500


def everything_placed(planned):
    return not planned.unplaced and planned.hold is None


@pytest.mark.parametrize("block", range(4))
def test_adding_stock_never_makes_a_plannable_order_unplannable(block):
    tried = 0
    for seed in range(block * 400, block * 400 + 400):
        chance = random.Random(seed)
        asked, known, seen = random_world(chance, most=1)
        if not everything_placed(plan(asked, known, seen, NOW)):
            continue
        for product in {line.product_id for line in asked.lines}:
            for place in set(seen.locations) - {DEFAULT}:
                column = {**seen.stock[product]}
                column[place] = column.get(place, Decimal(0)) + chance.randint(1, 4)
                more = replace(seen, stock={**seen.stock, product: column})
                again = plan(asked, known, more, NOW)
                assert everything_placed(again), (seed, product, place)
                tried += 1
    assert tried > 100

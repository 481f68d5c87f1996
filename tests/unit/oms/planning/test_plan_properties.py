"""What holds for every plan."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ambar.oms.planning.domain.engine import plan, plan_all
from tests.unit.oms.planning.planning_world import DEFAULT, NOW, location, order, rule, rules, scenario, view

quantity = st.decimals(min_value="0.001", max_value="20", places=3)
chains = st.lists(
    st.builds(
        lambda number, split, most, selectors: rule(
            number, split_policy=split, max_packages=most, selectors=selectors
        ),
        st.integers(1, 5),
        st.sampled_from(["whole_order", "whole_lines", "free"]),
        st.none() | st.integers(1, 3),
        st.lists(
            st.sampled_from(
                ["SELECT_BY_PRIORITY", "SELECT_BY_STOCK", "SELECT_BY_DISTANCE", "SELECT_BY_QUOTA"]
            ),
            unique=True,
        ),
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


@given(worlds())
@settings(max_examples=300, deadline=None)
def test_every_ordered_unit_is_planned_once_and_no_location_gives_more_than_it_has(world):
    """Trap 5: whatever the order, parts add up and no location gives more than it has."""
    known, orders, seen = world
    given_away = defaultdict(Decimal)
    for asked, planned in zip(orders, plan_all(orders, known, seen, NOW), strict=True):
        assert planned.hold is None
        total = defaultdict(Decimal)
        for package in planned.packages:
            for item, product, amount in package.items:
                assert amount > 0
                total[item] += amount
                if package.takes_stock:
                    given_away[package.location_id, product] += amount
        assert dict(total) == {line.item_id: line.quantity for line in asked.lines}
        assert sum(1 for package in planned.packages if not package.takes_stock) <= 1
    for (place, product), amount in given_away.items():
        assert amount <= seen.stock[product][place]


@given(worlds())
@settings(max_examples=300, deadline=None)
def test_a_guarded_rule_never_passes_the_quota(world):
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
@settings(max_examples=100, deadline=None)
def test_the_same_input_gives_the_same_plan_and_leaves_the_view_alone(world):
    known, orders, seen = world
    before = {product: dict(column) for product, column in seen.stock.items()}
    assert plan(orders[0], known, seen, NOW) == plan(orders[0], known, seen, NOW)
    assert seen.stock == before

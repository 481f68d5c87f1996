"""How many orders a condition matches: the database counts what the planner would say of each."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ambar.kit.conditions import parse
from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders import store as orders
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.planning import asking, seeing
from ambar.oms.scenarios import counting, queries
from ambar.oms.scenarios.domain import fields
from tests.worlds.oms_planning import make_channel, make_locations, make_orders, make_products

NOW = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
WORDS = ["yurtici", "Yurtiçi", "ARAS", "Kapıda Ödeme", "kredi kartı", ""]
words = st.sampled_from(WORDS)
spelt = words.filter(bool)
figures = st.sampled_from([0, 1, 2, 3, "2.50", 100, 250])
order_leaves = st.one_of(
    st.tuples(
        st.sampled_from(["cargo_company", "payment_type", "customer_type", "delivery_type", "channel", "channel_type"]),
        st.sampled_from(["eq", "ne", "contains", "starts_with"]),
        spelt,
    ),
    st.tuples(st.sampled_from(["cargo_company", "shipping_option"]), st.sampled_from(["in", "not_in"]), st.lists(spelt, max_size=3)),
    st.tuples(
        st.sampled_from(["amount", "line_count", "unit_count", "city_id", "country_id"]),
        st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]),
        figures,
    ),
    st.tuples(st.sampled_from(["customer_type", "city_id", "payment_type", "amount"]), st.sampled_from(["is_empty", "is_not_empty"]), st.none()),
)  # fmt: skip
product_leaves = st.one_of(
    st.tuples(st.sampled_from(["name", "attributes.colour", "line.gift"]), st.sampled_from(["eq", "ne", "contains"]), spelt),
    st.tuples(st.sampled_from(["weight", "attributes.colour"]), st.sampled_from(["eq", "gt", "lte"]), st.sampled_from([0, 1, 2, 100])),
    st.tuples(st.just("line.gift"), st.sampled_from(["eq", "ne"]), st.booleans()),
    st.tuples(st.sampled_from(["barcode", "weight", "attributes.colour"]), st.sampled_from(["is_empty", "is_not_empty"]), st.none()),
)  # fmt: skip


def trees_of(leaves):
    written = leaves.map(lambda t: {"field": t[0], "op": t[1], **({} if t[2] is None else {"value": t[2]})})
    return st.recursive(
        written,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"all": nodes}),
            st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"any": nodes}),
            inner.map(lambda node: {"not": node}),
        ),
        max_leaves=4,
    )


@pytest.fixture
def sixty_orders(db):
    products = make_products(6)
    weights = [None, "0.000", "1.000", "2.500", None, "100.000"]
    colours = ["ARAS", 2, "2.0", None, [1], True]
    for n, product in enumerate(products):
        Product.objects.filter(pk=product).update(
            weight=weights[n] and Decimal(weights[n]), attributes={"colour": colours[n]}, name=WORDS[n]
        )
    made = make_orders(
        [[(products[(n + m) % 6], 1 + m) for m in range(n % 3 + 1)] for n in range(60)],
        channel=make_channel("Yurtiçi"),
    )
    customers = [{"type": "yurtici"}, {"type": 7}, {"type": None}, {}, {"type": ["ARAS"]}, {"type": True}]
    for n, order in enumerate(Order.objects.filter(pk__in=made).order_by("id")):
        order.cargo_company = [*WORDS, None][n % 7]
        order.shipping_option_slug = WORDS[n % 6]
        order.payment_type = [None, *WORDS][n % 5]
        order.delivery_type = WORDS[n % 4]
        order.amount = Decimal([0, "2.50", 100, 250][n % 4])
        order.city_id = [None, 1, 2][n % 3]
        order.customer = customers[n % 6]
        order.save()
    gifts = [{"gift": True}, {"gift": "true"}, {}, {"gift": "ARAS"}, {"gift": 1}]
    for n, item in enumerate(OrderItem.objects.order_by("id")):
        OrderItem.objects.filter(pk=item.pk).update(attributes=gifts[n % 5])
    known = seeing.places()
    claimed = orders.claim_new(100, NOW)
    channels = seeing.channels({order.channel_id for order in claimed})
    seen = seeing.products({line.product_id for order in claimed for line in order.lines})
    return [
        asking.read_order(order, order.lines, known=known, channels=channels, products=seen, excluded={})
        for order in claimed
    ]


@given(tree=trees_of(order_leaves))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_orders_counted_are_those_the_planner_would_match(sixty_orders, tree):
    condition = parse(tree, fields.ORDER)
    expected = sum(condition.holds(order.properties) for order in sixty_orders)
    assert counting.count_orders(tree) == (expected, 60)


@given(tree=trees_of(product_leaves))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_lines_counted_are_those_a_rule_would_take(sixty_orders, tree):
    condition = parse(tree, fields.PRODUCT)
    verdicts = [[condition.holds(line.properties) for line in order.lines] for order in sixty_orders]
    assert counting.count_orders_with_product(tree) == (sum(map(any, verdicts)), 60, sum(map(sum, verdicts)))


@pytest.mark.django_db
def test_the_linter_sees_locations_as_the_planner_does():
    (place, _) = make_locations(2)
    StockLocation.objects.filter(pk=place).update(exit_time="17:30", tags=["cold"], max_quota=4, latitude="41.0", longitude="29.0")  # fmt: skip
    seen, planned = queries.locations_seen(), seeing.places().locations
    assert seen.keys() == planned.keys()
    for location_id, location in seen.items():
        there = planned[location_id].properties
        assert {name: there[name] for name in location.properties} == location.properties
        assert location.has_position is (planned[location_id].latitude is not None)
    assert (seen[place].has_exit_time, seen[place].max_quota) == (True, 4)

"""A stored decision holds all that planning needs to decide the same again."""

import pytest

from ambar.oms.planning import asking, seeing
from ambar.oms.planning.actions.plan_orders import FLOOR_ZONE, plan_orders
from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.domain.recording import seen_by
from ambar.oms.planning.models import Decision, Snapshot
from ambar.oms.scenarios.domain.rules import read_rules
from tests.worlds.oms_planning import (
    NOW,
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
)


@pytest.mark.django_db
def test_every_decision_replays_to_the_same_record():
    places = make_locations(3, max_quota=3)
    products = make_products(3)
    put_stock({(place, product): 4 for place in places for product in products})
    blue = {"field": "sku", "op": "ends_with", "value": "1"}
    make_scenario(
        places[0],
        rules=[
            make_rule(product_mode="only", product_condition=blue, selectors=["SELECT_BY_STOCK"]),
            make_rule(split_policy="whole_lines", selectors=["SELECT_BY_QUOTA", "SELECT_BY_PRIORITY"]),
        ],
    )
    make_orders([[(product, quantity) for product in products] for quantity in (1, 2, 3, 4, 5)])
    plan_orders(limit=10, now=NOW)
    bodies = dict(Snapshot.objects.values_list("hash", "body"))
    assert Decision.objects.count() == 5
    for decision in Decision.objects.all():
        rules = read_rules(bodies[decision.rules_hash])
        known = seeing.read_places(bodies[decision.view_hash])
        assert (rules.hash, known.hash) == (decision.rules_hash, decision.view_hash)
        seen = seen_by(decision.record, known.locations, known.hash)
        again = plan(asking.restored(decision.asked), rules, seen, decision.at.astimezone(FLOOR_ZONE))
        assert again.record == decision.record

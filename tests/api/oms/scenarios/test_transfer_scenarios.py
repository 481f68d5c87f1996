"""Transfer scenarios and the shipping cost table over REST."""

from decimal import Decimal

import pytest

from ambar.kit.accounts.models import AuditEntry
from ambar.oms.scenarios.models import TransferScenario
from ambar.oms.scenarios.queries import rules_snapshot
from tests.worlds.callers import caller
from tests.worlds.oms_planning import make_locations, make_rule

pytestmark = pytest.mark.django_db
PATH, COSTS = "/transfer-scenarios/", "/shipping-costs/"
RULE = {
    "name": "stores from the depot",
    "location_condition": {"field": "stock_location_type", "op": "eq", "value": "store"},
    "product_mode": "except",
    "product_condition": {"field": "attributes.storage", "op": "eq", "value": "cold"},
    "source_condition": {"field": "distance_km", "op": "lte", "value": 80},
    "selectors": ["SELECT_BY_DISTANCE", "SELECT_BY_STOCK"],
}


@pytest.fixture
def planner():
    return caller("planner")


def put(one, path, body):
    from ambar.kit import rest

    return one.client.put(
        f"/api/v1/oms{path}", rest.dumps(body), content_type="application/json", headers=one.headers
    )


def test_a_transfer_scenario_is_created_said_in_words_and_read_by_planners(planner):
    make_locations(2)
    answer = planner.post(PATH, {"name": "Between stores", "rules": [RULE]})
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert made["rules"][0]["words"] == {
        "locations": "Location type is store",
        "products": "Attribute storage is cold",
        "sources": "Distance to the address (km) is at most 80",
    }
    assert {found["code"] for found in made["findings"]} == {
        "transfer_scenario_unused",
        "distance_without_positions",
    }
    assert rules_snapshot()[1].transfers == ()
    planner.post(f"{PATH}{made['id']}/activate/", {})
    (scenario,) = rules_snapshot()[1].transfers
    assert (scenario.name, scenario.rules[0].source_bound, scenario.rules[0].selectors) == (
        "Between stores",
        True,
        ("SELECT_BY_DISTANCE", "SELECT_BY_STOCK"),
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"default_location": 1}, "default_location"),
        ({"rules": [{**RULE, "split_policy": "free"}]}, "split_policy"),
        ({"rules": [{**RULE, "selectors": ["SELECT_BY_QUOTA"]}]}, "rules.0.selectors"),
        ({"rules": [{**RULE, "selectors": ["SELECT_BY_COST"]}]}, "rules.0.selectors"),
        ({"rules": [{**RULE, "selectors": ["SELECT_BY_LUCK"]}]}, "rules.0.selectors"),
        ({"rules": [{**RULE, "product_mode": "all"}]}, "rules.0.product_condition"),
        (
            {"rules": [{**RULE, "location_condition": {"field": "same_city", "op": "eq", "value": True}}]},
            "rules.0.location_condition",
        ),
        ({"rules": [{**RULE, "source_condition": {"any": []}}]}, "rules.0.source_condition.any"),
        ({"channel_condition_type": "static", "channel_values": [987654]}, "channel_values"),
        ({"shipping_query": {"field": "erp_code", "op": "eq", "value": "A"}}, "shipping_query.field"),
    ],
)
def test_a_wrong_transfer_scenario_is_refused_naming_the_place(planner, given, field):
    answer = planner.post(PATH, {"name": "W", **given})
    assert answer.status_code == 400, answer.json()
    assert any(name.endswith(field) for name in answer.json()), answer.json()
    assert TransferScenario.objects.count() == 0


def test_all_eight_selectors_and_partial_replanning_reach_the_planner(planner):
    from ambar.oms.scenarios.domain.rules import SELECTORS

    place = make_locations(1)[0]
    body = {"name": "W", "default_location": place, "is_active": True, "replan_in_part": True}
    made = planner.post("/distribution-scenarios/", {**body, "rules": [make_rule(selectors=list(SELECTORS))]})
    assert made.status_code == 201, made.json()
    (scenario,) = rules_snapshot()[1].scenarios
    assert (scenario.replan_in_part, scenario.rules[0].selectors) == (True, SELECTORS)


@pytest.mark.parametrize("path", [PATH, "/distribution-scenarios/"])
def test_a_changed_rule_may_leave_out_what_has_a_default(planner, path):
    given = {} if path == PATH else {"default_location": make_locations(1)[0]}
    made = planner.post(path, {"name": "W", **given, "rules": [{"name": "a"}]}).json()
    answer = planner.patch(f"{path}{made['id']}/", {"rules": [{"name": "b"}, {"name": "a"}]})
    assert answer.status_code == 200, answer.json()
    assert [(rule["name"], rule["product_mode"]) for rule in answer.json()["rules"]] == [
        ("b", "all"),
        ("a", "all"),
    ]
    assert answer.json()["rules"][1]["id"] == made["rules"][0]["id"]


def test_the_cost_table_is_replaced_as_a_set_and_changed_by_row(planner):
    first = rules_snapshot()[0]
    rows = [
        {"zone": "abroad", "parcel": "250.00", "per_kg": "40.00"},
        {"zone": "same_city", "parcel": "49.90", "per_kg": "4.50"},
    ]
    answer = put(planner, COSTS, {"costs": rows})
    assert answer.status_code == 200, answer.json()
    _, rules = rules_snapshot()
    assert [(row.zone, row.parcel, row.per_kg) for row in rules.costs] == [
        ("same_city", Decimal("49.90"), Decimal("4.50")),
        ("abroad", Decimal("250.00"), Decimal("40.00")),
    ]
    (abroad, city) = planner.get(COSTS).json()["results"]
    assert (abroad["zone"], city["parcel"]) == ("abroad", "49.90")
    changed = planner.patch(f"{COSTS}{city['id']}/", {"parcel": "55.00"})
    assert (changed.json()["parcel"], changed.json()["per_kg"]) == ("55.00", "4.50")
    assert rules_snapshot()[1].costs[0].parcel == Decimal("55.00")
    assert put(planner, COSTS, {"costs": []}).json() == {"results": []}
    assert rules_snapshot()[0] == first
    assert list(AuditEntry.objects.filter(object_kind="shipping_cost").order_by("id").values_list("action", flat=True)) == [
        "shipping_costs.replaced", "shipping_costs.changed", "shipping_costs.replaced",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [{"zone": "moon", "parcel": "1"}],
        [{"zone": "abroad", "parcel": "-1"}],
        [{"zone": "abroad", "parcel": "1.234"}],
        [{"zone": "abroad"}],
        [{"zone": "abroad", "parcel": "1"}, {"zone": "abroad", "parcel": "2"}],
    ],
)
def test_a_wrong_cost_table_changes_nothing(planner, rows):
    put(planner, COSTS, {"costs": [{"zone": "same_city", "parcel": "10"}]})
    before = rules_snapshot()[0]
    assert put(planner, COSTS, {"costs": rows}).status_code == 400
    assert rules_snapshot()[0] == before


def test_a_cost_row_that_does_not_exist_or_a_null_is_refused(planner):
    assert planner.patch(f"{COSTS}987/", {"parcel": "1"}).status_code == 404
    put(planner, COSTS, {"costs": [{"zone": "same_city", "parcel": "10"}]})
    row = planner.get(COSTS).json()["results"][0]
    assert planner.patch(f"{COSTS}{row['id']}/", {"parcel": None}).json() == {"parcel": ["This field may not be null."]}  # fmt: skip

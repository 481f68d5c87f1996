"""Distribution scenarios over REST."""

import pytest

from ambar.oms.scenarios.models import DistributionScenario
from ambar.oms.scenarios.queries import rules_snapshot
from tests.worlds.callers import caller
from tests.worlds.oms_planning import make_channel, make_locations, make_rule

pytestmark = pytest.mark.django_db
PATH = "/distribution-scenarios/"


@pytest.fixture
def planner():
    return caller("planner")


@pytest.fixture
def place():
    return make_locations(1)[0]


def test_a_scenario_is_created_read_and_put_into_words(planner, place):
    near = {
        "all": [
            {"field": "same_city", "op": "eq", "value": True},
            {"field": "distance_km", "op": "lte", "value": 50},
        ]
    }
    answer = planner.post(
        PATH,
        {
            "name": "Web",
            "default_location": place,
            "channel_condition_type": "static",
            "channel_values": [make_channel().pk],
            "initial_status_multiple": 150,
            "rules": [
                make_rule(location_condition=near, selectors=["SELECT_BY_QUOTA", "SELECT_BY_DISTANCE"])
            ],
        },
    )
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert made["is_active"] is False
    assert made["rules"][0]["words"]["locations"] == (
        "Same city as the address is yes and Distance to the address (km) is at most 50"
    )
    assert [found["code"] for found in made.pop("findings")] == [
        "quota_without_limit",
        "distance_without_positions",
    ]
    assert planner.get(f"{PATH}{made['id']}/").json() == made
    assert planner.get(PATH, name="Web").json()["results"] == [made]


def test_the_default_location_is_mandatory_and_must_exist(planner, place):
    assert planner.post(PATH, {"name": "Web"}).json().keys() == {"default_location"}
    answer = planner.post(PATH, {"name": "Web", "default_location": place + 1000})
    assert (answer.status_code, answer.json()) == (
        400,
        {"default_location": [f"Location {place + 1000} does not exist or is not active."]},
    )


def test_an_unknown_channel_is_refused_in_words(planner, place):
    answer = planner.post(
        PATH,
        {
            "name": "W",
            "default_location": place,
            "channel_condition_type": "static",
            "channel_values": [987654],
        },
    )
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "channel_values": [
                "Channel 987654 is not known. A channel appears with its first order, or the doctor creates it before."
            ]
        },
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"initial_status": 500}, "initial_status"),
        ({"colour": 1}, "colour"),
        ({"payment_condition_type": "sometimes"}, "payment_condition_type"),
        ({"payment_condition_type": "static", "payment_query": {"all": []}}, "payment_query"),
        ({"payment_query": {"field": "nope", "op": "eq", "value": 1}}, "payment_query.field"),
        ({"rules": [make_rule(selectors=["SELECT_BY_LUCK"])]}, "rules.0.selectors"),
        ({"rules": [make_rule(product_mode="only")]}, "rules.0.product_condition"),
        (
            {
                "rules": [
                    make_rule(
                        location_condition={"any": [{"field": "distance_km", "op": "lte", "value": "far"}]}
                    )
                ]
            },
            "rules.0.location_condition.any.0.value",
        ),
    ],
)
def test_a_wrong_scenario_is_refused_naming_the_place(planner, place, given, field):
    answer = planner.post(PATH, {"name": "W", "default_location": place, **given})
    assert answer.status_code == 400
    assert any(name.endswith(field) for name in answer.json()), answer.json()
    assert DistributionScenario.objects.count() == 0


def test_a_name_is_taken_once(planner, place):
    assert planner.post(PATH, {"name": "W", "default_location": place}).status_code == 201
    for same in ("W", "  W "):
        answer = planner.post(PATH, {"name": same, "default_location": place})
        assert (answer.status_code, answer.json()) == (400, {"name": ["A scenario with this name exists."]})
    blank = planner.post(PATH, {"name": "   ", "default_location": place})
    assert (blank.status_code, list(blank.json())) == (400, ["name"])


def test_planners_see_a_scenario_from_its_activation_on(planner, place):
    made = planner.post(PATH, {"name": "W", "default_location": place, "rules": [make_rule()]}).json()
    before, rules = rules_snapshot()
    assert rules.scenarios == ()
    assert planner.post(f"{PATH}{made['id']}/activate/", {}).json()["is_active"] is True
    active, rules = rules_snapshot()
    assert [scenario.name for scenario in rules.scenarios] == ["W"]
    assert rules_snapshot()[1] is rules
    changed = planner.patch(f"{PATH}{made['id']}/", {"rules": [make_rule(split_policy="whole_order")]}).json()
    assert [rule["split_policy"] for rule in changed["rules"]] == ["whole_order"]
    assert rules_snapshot()[0] not in (before, active)
    planner.post(f"{PATH}{made['id']}/deactivate/", {})
    assert rules_snapshot() == (before, rules_snapshot()[1])


def test_scenarios_are_for_planners(place):
    operator = caller("location_operator", location_ids=[place])
    assert operator.get(PATH).status_code == 403
    assert caller("planner").get(f"{PATH}999/").status_code == 404


def test_a_changed_chain_takes_the_usual_values_for_what_it_does_not_say(planner, place):
    made = planner.post(PATH, {"name": "W", "default_location": place}).json()
    answer = planner.patch(
        f"{PATH}{made['id']}/", {"rules": [{"name": "near", "selectors": ["SELECT_BY_DISTANCE"]}]}
    )
    assert answer.status_code == 200
    (rule,) = answer.json()["rules"]
    assert (rule["product_mode"], rule["split_policy"], rule["transferable"]) == ("all", "whole_order", False)

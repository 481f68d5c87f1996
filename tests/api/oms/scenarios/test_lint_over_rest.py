"""The linter: on save, by API and by command."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from ambar.kit import accounts
from ambar.kit.outbox.models import Hook
from ambar.oms.app_settings import queries as app_settings
from ambar.oms.app_settings.models import Setting
from ambar.oms.locations.models import StockLocation
from ambar.oms.scenarios.domain.lint.scenarios import EVENTS
from ambar.oms.states.models import StateTransition
from tests.worlds.callers import caller
from tests.worlds.oms_planning import (
    NOW,
    make_channel,
    make_locations,
    make_rule,
    make_scenario,
    plant_states,
)

pytestmark = pytest.mark.django_db
PATH, LINT = "/distribution-scenarios/", "/scenarios/lint/"


@pytest.fixture
def planner():
    plant_states()
    return caller("planner")


@pytest.fixture
def place():
    return make_locations(2)[0]


def codes(findings):
    return [finding["code"] for finding in findings]


def test_the_builders_of_the_tests_and_the_starter_scenario_have_no_findings(planner, place):
    """The sample set: what `tests/worlds` makes, and what the set-up registers in a world with coordinates."""
    make_channel()
    make_scenario(place)
    assert planner.get(LINT).json() == {"errors": 0, "warnings": 0, "notices": 0, "findings": []}
    StockLocation.objects.update(latitude="41.0", longitude="29.0")
    starter = {"name": "everything, wherever it is", "split_policy": "free"}
    body = {"name": "starter", "default_location": place, "priority": 1, "channel_query": {"field": "channel_type", "op": "eq", "value": "marketplace"}}  # fmt: skip
    selectors = ["SELECT_BY_DISTANCE", "SELECT_BY_STOCK", "SELECT_BY_PRIORITY"]
    made = planner.post(PATH, {**body, "is_active": True, "rules": [{**starter, "selectors": selectors}]})
    assert (made.status_code, made.json()["findings"]) == (201, [])
    assert planner.get(LINT).json()["findings"] == []


def test_saving_and_activating_answer_what_is_wrong_with_that_scenario(planner, place):
    make_scenario(place, name="first", rules=[make_rule(selectors=["SELECT_BY_QUOTA"])])
    body = {"name": "second", "default_location": place, "priority": 200, "rules": [make_rule()]}
    made = planner.post(PATH, body).json()
    assert codes(made["findings"]) == ["scenario_shadowed"]
    finding = made["findings"][0]
    assert (finding["severity"], finding["kind"], finding["scenario"], finding["scenario_name"]) == ("error", "distribution", made["id"], "second")  # fmt: skip
    assert finding["cause"] == "“first” is asked earlier and matches every order that “second” matches."
    assert finding["tr"]["effect"] == "“second” hiçbir siparişi planlamaz."
    assert codes(planner.get(LINT).json()["findings"]) == ["quota_without_limit"]
    moved = planner.patch(f"{PATH}{made['id']}/", {"priority": 1}).json()
    assert [(f["code"], f["scenario_name"]) for f in moved["findings"]] == [("scenario_shadowed", "first")]
    assert codes(planner.post(f"{PATH}{made['id']}/activate/", {}).json()["findings"]) == [
        "scenario_shadowed"
    ]
    assert sorted(codes(planner.get(LINT).json()["findings"])) == ["quota_without_limit", "scenario_shadowed"]


def test_trap_14_a_quota_rule_without_max_quota_is_an_error_and_zero_a_warning(planner, place):
    """Trap 14: SELECT_BY_QUOTA where no location has a max_quota, and one with 0."""
    make_scenario(place, rules=[make_rule(selectors=["SELECT_BY_QUOTA"])])
    assert codes(planner.get(LINT).json()["findings"]) == ["quota_without_limit"]
    StockLocation.objects.filter(pk=place).update(max_quota=5)
    assert planner.get(LINT).json()["findings"] == []
    StockLocation.objects.exclude(pk=place).update(max_quota=0)
    assert codes(planner.get(LINT).json()["findings"]) == ["quota_zero"]


def test_locations_states_and_channels_are_looked_up(planner, place):
    asked = {"field": "channel", "op": "eq", "value": "Trendyol"}
    make_scenario(place, channel_query=asked, initial_status=200)
    StateTransition.objects.filter(source__enum_value="200").update(is_active=False)
    StockLocation.objects.filter(pk=place).update(is_active=False)
    found = planner.get(LINT).json()
    assert codes(found["findings"]) == [
        "default_location_inactive",
        "initial_status_dead_end",
        "unknown_channel",
    ]
    assert (found["errors"], found["warnings"]) == (2, 1)
    assert "“Warehouse 1”" in found["findings"][0]["cause"]


def test_events_the_seller_center_does_not_hear_are_named(planner, place):
    make_scenario(place)
    Setting.objects.create(key="SELLER_CENTER_SETTINGS", value={"supplier_code": "S1"}, created_at=NOW, modified_at=NOW)  # fmt: skip
    app_settings.forget()
    user = accounts.ensure_user("hooks", "a long password 1", ["integration"], {})
    for event in EVENTS[1:]:
        Hook.objects.create(
            user=user,
            target_url="https://center.example/api/v1/applications/oms/packages/update-status/",
            event_type=event,
            retry_countdown_config={},
            created_at=NOW,
            modified_at=NOW,
        )
    found = planner.get(LINT).json()["findings"]
    app_settings.forget()
    assert [(f["code"], f["kind"], f["scenario"]) for f in found] == [("event_without_hook", "installation", None)]  # fmt: skip
    assert "package.created" in found[0]["fix"]


def test_the_command_shows_a_table_and_ends_with_one_when_there_are_errors(place):
    plant_states()
    out = StringIO()
    make_scenario(place)
    call_command("lint", stdout=out)
    assert "No findings." in out.getvalue()
    make_scenario(place, name="late", priority=300)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("lint", "--json", stdout=out)
    assert (ended.value.code, json.loads(out.getvalue())["errors"]) == (1, 1)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("lint", "--language", "tr", stdout=out)
    assert "scenario_shadowed" in out.getvalue() and "hiçbir" in out.getvalue()


def test_the_linter_costs_the_same_however_many_scenarios(planner, place, django_assert_max_num_queries):
    for n in range(8):
        make_scenario(place, name=f"S{n}", priority=n, rules=[make_rule(), make_rule(name="b")])
    with django_assert_max_num_queries(9):
        assert planner.get(LINT).json()["errors"] == 15

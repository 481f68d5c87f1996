"""*Scenarios*: cards, the condition builder, switching, order, history."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts
from ambar.oms.scenarios.models import DistributionScenario, ShippingCost, TransferScenario
from tests.worlds.oms_planning import make_locations, make_orders, make_products, make_rule, make_scenario

pytestmark = pytest.mark.django_db

CRITERIA = {
    f"{name}_condition_type": "dynamic" for name in ("channel", "shipping", "payment", "customer_type")
}


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


@pytest.fixture
def place(db: None) -> int:
    return make_locations(1)[0]


def head(place: int, **given: object) -> dict[str, object]:
    return {
        "name": "Marketplace",
        "description": "",
        "priority": "10",
        "default_location": str(place),
        "initial_status": "100",
        "initial_status_multiple": "150",
        **CRITERIA,
        **given,
    }


def leaf(name: str, path: str, field: str, op: str, value: str = "") -> dict[str, str]:
    at = f"{name}:{path}"
    return {f"{at}:kind": "leaf", f"{at}:field": field, f"{at}:op": op, f"{at}:value": value}


def test_a_scenario_is_created_from_the_form_as_a_draft_with_its_note(place):
    query = {"channel_query:0:kind": "all", **leaf("channel_query", "0.0", "amount", "gte", "250")}
    answer = signed_in().post("/scenarios/new/", head(place, note="first try", **query))
    made = DistributionScenario.objects.get()
    assert answer["Location"] == f"/scenarios/{made.pk}/"
    assert (made.name, made.is_active, made.initial_status_multiple) == ("Marketplace", False, 150)
    assert made.channel_query == {"field": "amount", "op": "gte", "value": 250}
    [version] = signed_in().get(answer["Location"]).context["versions"]
    assert (version["author"], version["note"]) == ("admin", "first try")


def test_a_form_with_something_missing_says_what_and_saves_nothing(place):
    answer = signed_in().post("/scenarios/new/", head(place, name="", priority="x"))
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "Fill in this field." in html and "Write a whole number." in html
    assert not DistributionScenario.objects.exists()


def test_the_condition_builder_adds_removes_and_tells_what_it_matches(place):
    make_orders([[(make_products(1)[0], 1)]] * 3)
    client = signed_in()
    query = {"channel_query:0:kind": "any", **leaf("channel_query", "0.0", "amount", "gte", "100")}
    grown = client.post("/scenarios/new/", head(place, build="channel_query|add|0", **query))
    builder = grown.context["form"]["criteria"][0]["builder"]
    assert [child.field for child in builder.root.children] == ["amount", ""]
    assert builder.sentence == "Order amount is at least 100"
    assert builder.counts == "matches 3 of the last 3 orders"
    shrunk = client.post("/scenarios/new/", head(place, build="channel_query|remove|0.0", **query))
    assert shrunk.context["form"]["criteria"][0]["builder"].root.children == []
    assert not DistributionScenario.objects.exists()


def test_an_unfinished_condition_says_what_is_missing_instead_of_counting(place):
    query = {"channel_query:0:kind": "all", **leaf("channel_query", "0.0", "amount", "gte", "")}
    drawn = signed_in().post("/scenarios/new/", head(place, build="channel_query|refresh|0", **query))
    builder = drawn.context["form"]["criteria"][0]["builder"]
    assert (builder.sentence, builder.counts) == ("", "")
    assert "is not a number value" in builder.problem


def test_groups_of_every_kind_come_back_as_they_were_written(place):
    trees = [
        {"not": {"any": [{"field": "city_id", "op": "in", "value": [1, 2]}]}},
        {
            "any": [
                {"field": "tags", "op": "is_empty"},
                {"all": [{"field": "same_city", "op": "eq", "value": True}]},
            ]
        },
        {"field": "distance_km", "op": "between", "value": [1, 2.5]},
    ]
    from ambar.oms.console import condition_builder

    for tree in trees:
        assert condition_builder.tree(condition_builder.from_tree(tree), "location") == tree


def test_rules_are_added_edited_moved_and_removed(place):
    made = make_scenario(place, is_active=False, rules=[make_rule(name="one")])
    client = signed_in()
    body = {
        "name": "two",
        "product_mode": "all",
        "split_policy": "free",
        "max_packages": "2",
        "split_above_amount": "99,90",
        "selectors": ["SELECT_BY_STOCK", "SELECT_BY_QUOTA"],
        "version": "1",
        "location_condition:0:kind": "all",
        **leaf("location_condition", "0.0", "distance_km", "lte", "150"),
    }
    assert client.post(f"/scenarios/{made.pk}/rules/new/", body).status_code == 302
    rules = list(made.rules.all())
    assert [rule.name for rule in rules] == ["one", "two"]
    assert (rules[1].max_packages, str(rules[1].split_above_amount)) == (2, "99.90")
    assert rules[1].location_condition == {"field": "distance_km", "op": "lte", "value": 150}
    assert rules[1].selectors == ["SELECT_BY_STOCK", "SELECT_BY_QUOTA"]
    client.post(f"/scenarios/{made.pk}/rules/1/arrange/", {"to": "up", "version": "2"})
    assert [rule.name for rule in made.rules.all()] == ["two", "one"]
    client.post(f"/scenarios/{made.pk}/rules/0/arrange/", {"to": "away", "version": "3"})
    assert [rule.name for rule in made.rules.all()] == ["one"]


def test_selectors_are_put_in_order_with_buttons_before_saving(place):
    made = make_scenario(place, is_active=False)
    body = {"name": "rule", "selectors": ["SELECT_BY_STOCK", "SELECT_BY_COST"]}
    client = signed_in()
    moved = client.post(f"/scenarios/{made.pk}/rules/0/", {**body, "build": "selectors|up|1"})
    assert [name for name, *_ in moved.context["form"]["selectors"]] == ["SELECT_BY_COST", "SELECT_BY_STOCK"]
    assert made.rules.get().selectors == ["SELECT_BY_PRIORITY"]


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(place):
    made = make_scenario(place)
    client = signed_in()
    form = head(place, name="mine", version="1")
    assert client.post(f"/scenarios/{made.pk}/edit/", {**form, "name": "theirs"}).status_code == 302
    answer = client.post(f"/scenarios/{made.pk}/edit/", form)
    assert answer.status_code == 409
    assert DistributionScenario.objects.get(pk=made.pk).name == "theirs"


def test_a_scenario_is_switched_copied_put_in_order_and_taken_back(place):
    one, two = make_scenario(place, "one", priority=10), make_scenario(place, "two", priority=20)
    client = signed_in()
    client.post(f"/scenarios/{two.pk}/move/", {"to": "up"})
    listed = client.get("/scenarios/").context["cards"]
    assert [card["row"].name for card in listed] == ["two", "one"]
    client.post(f"/scenarios/{one.pk}/switch/", {"to": "off", "note": "season is over"})
    assert DistributionScenario.objects.get(pk=one.pk).is_active is False
    copied = client.post(f"/scenarios/{one.pk}/copy/")
    copy = DistributionScenario.objects.get(name="one (copy)")
    assert copied["Location"] == f"/scenarios/{copy.pk}/"
    client.post(f"/scenarios/{one.pk}/edit/", head(place, name="renamed"))
    client.post(f"/scenarios/{one.pk}/back/", {"version": "1"})
    assert DistributionScenario.objects.get(pk=one.pk).name == "one"
    refused = client.post(f"/scenarios/{one.pk}/delete/", follow=True)
    assert DistributionScenario.objects.filter(pk=one.pk).exists()
    assert [message.level_tag for message in refused.context["messages"]][-1] == "error"
    assert client.post(f"/scenarios/{copy.pk}/delete/")["Location"] == "/scenarios/"


def test_findings_stand_beside_the_rule_they_concern_in_the_language_of_the_screen(place):
    rules = [make_rule(name="first"), make_rule(name="never reached")]
    made = make_scenario(place, rules=rules)
    client = signed_in()
    cards = client.get(f"/scenarios/{made.pk}/").context["cards"]
    assert [len(card.findings) > 0 for card in cards] == [False, True]
    english = cards[1].findings[0].cause
    client.cookies["ambar_language"] = "tr"
    answer = client.get(f"/scenarios/{made.pk}/")
    assert answer.context["cards"][1].findings[0].cause != english
    assert "Hata</span>" in answer.content.decode()


def test_transfer_scenarios_use_the_same_screens(place):
    client = signed_in()
    form = {"name": "Between stores", "description": "", "priority": "1", **CRITERIA}
    assert client.post("/transfer-scenarios/new/", form).status_code == 302
    made = TransferScenario.objects.get()
    rule = {"name": "near", "product_mode": "all", "selectors": ["SELECT_BY_DISTANCE"]}
    assert client.post(f"/transfer-scenarios/{made.pk}/rules/new/", rule).status_code == 302
    assert made.rules.get().selectors == ["SELECT_BY_DISTANCE"]
    for path in ("", f"{made.pk}/", f"{made.pk}/edit/", f"{made.pk}/rules/0/"):
        assert client.get(f"/transfer-scenarios/{path}").status_code == 200


def test_shipping_costs_are_a_table_and_wrong_amounts_change_nothing(place):
    client = signed_in()
    amounts = {"same_city:parcel": "49,90", "same_city:per_kg": "4.5"}
    assert client.post("/shipping-costs/", amounts).status_code == 302
    row = ShippingCost.objects.get()
    assert (row.zone, str(row.parcel), str(row.per_kg)) == ("same_city", "49.90", "4.50")
    answer = client.post("/shipping-costs/", {"same_city:parcel": "cheap"})
    assert answer.status_code == 400 and "Write amounts such as 49.90." in answer.content.decode()
    assert ShippingCost.objects.count() == 1


def test_the_history_of_shipping_costs_tells_each_table_and_goes_back_to_it(place):
    client = signed_in()
    first = {
        "same_city:parcel": "49,90",
        "same_city:per_kg": "4.5",
        "note": "contract of May",
        "version": "0",
    }
    assert client.post("/shipping-costs/", first).status_code == 302
    assert client.post("/shipping-costs/", {"abroad:parcel": "250", "version": "1"}).status_code == 302
    late = client.post("/shipping-costs/", {"abroad:parcel": "1", "version": "1"})
    assert late.status_code == 409 and "Version 1 is no longer what stands" in late.content.decode()
    shown = client.get("/shipping-costs/").content.decode()
    assert "Same city: 49.90 + 4.50 per kg" in shown and "contract of May" in shown
    assert client.post("/shipping-costs/back/", {"version": "1"}).status_code == 302
    assert [row.zone for row in ShippingCost.objects.all()] == ["same_city"]
    assert client.post("/shipping-costs/back/", {"version": "77"}).status_code == 404
    assert client.post("/shipping-costs/back/", {}).status_code == 404


def test_the_list_costs_the_same_however_many_scenarios_there_are(place):
    client = signed_in()
    make_scenario(place, "s0")
    few = queries(client)
    for n in range(1, 5):
        make_scenario(place, f"s{n}", is_active=n % 2 == 0)
    assert queries(client) == few <= 20


def queries(client: Client) -> int:
    """The fewest queries of three calls: what is kept for some seconds may run out under one of them."""
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/scenarios/").status_code == 200
        counts.append(len(captured))
    return min(counts)


def test_who_may_only_read_sees_no_buttons_and_changes_nothing(place):
    made = make_scenario(place)
    client = signed_in("integration")
    reader = signed_in("location_operator", location_ids=[place])
    assert client.get("/scenarios/").status_code == 200
    assert reader.get("/scenarios/").status_code == 403
    assert reader.post(f"/scenarios/{made.pk}/switch/", {"to": "off"}).status_code == 403
    assert DistributionScenario.objects.get(pk=made.pk).is_active

"""What is stored as an id is chosen and read by name; quarantine gives its reasons in the reader's language."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import translation

from ambar.kit import accounts
from ambar.oms.catalogue.models import Channel
from ambar.oms.console import condition_builder, intake_words, pickers, scenario_cards
from ambar.oms.console.condition_builder import Node
from ambar.oms.locations.models import StockLocation
from ambar.oms.scenarios.domain import fields
from tests.worlds.oms_planning import make_locations, make_rule, make_scenario

pytestmark = pytest.mark.django_db


def signed_in() -> Client:
    client = Client()
    client.force_login(accounts.ensure_user("admin", "a long password 1", ["admin"], {}))
    return client


def place_leaf(value: str, op: str = "eq") -> Node:
    return condition_builder.numbered(
        Node(kind="all", children=[Node(kind="leaf", field="id", op=op, value=value)])
    )


def test_a_location_is_chosen_by_name_and_the_sentence_says_the_name():
    ids = make_locations(2)
    first, second = StockLocation.objects.in_bulk(ids).values()
    built = condition_builder.build("location_condition", "location", "Locations", place_leaf(f"{first.pk}"))
    assert set(built.picks["id"]) == {(str(one.pk), one.name) for one in (first, second)}
    assert built.sentence == f"Location is {first.name}"


def test_several_are_chosen_in_one_list_and_stored_as_numbers():
    first, second = make_locations(2)
    posted = QueryDict(mutable=True)
    posted.update({"c:0:kind": "all", "c:0.0:kind": "leaf", "c:0.0:field": "id", "c:0.0:op": "in"})
    posted.setlist("c:0.0:value", [str(first), str(second)])
    root = condition_builder.from_post("c", posted)
    assert condition_builder.tree(root, "location") == {"field": "id", "op": "in", "value": [first, second]}


def test_an_id_that_is_gone_stays_chosen_and_is_not_silently_replaced():
    assert pickers.chosen([("1", "Depo")], "7") == [("7", "#7", True), ("1", "Depo", False)]
    tree = {"field": "id", "op": "eq", "value": 7}
    assert pickers.sentence(tree, fields.LOCATION, "en", {}) == "Location is #7"


def test_the_rule_form_offers_names_and_works_without_javascript():
    place = make_locations(1)[0]
    tree = {"field": "id", "op": "eq", "value": place}
    scenario = make_scenario(place, rules=[make_rule(location_condition=tree)])
    html = signed_in().get(f"/scenarios/{getattr(scenario, 'pk', scenario)}/rules/0/").content.decode()
    name = StockLocation.objects.get(pk=place).name
    assert f'<option value="{place}" selected>{name}</option>' in html


def test_cards_say_names_inside_groups_and_leave_comparisons_of_size_alone():
    channel = Channel.objects.create(source="t", upstream_id=1, name="Mağaza")
    tree = {
        "any": [
            {"not": {"field": "channel_id", "op": "in", "value": [channel.pk]}},
            {"field": "channel_id", "op": "gt", "value": 5},
        ]
    }
    said = scenario_cards.said(tree, fields.ORDER)
    assert "Mağaza" in said and f"{channel.pk}" not in said.replace("5", "") and "5" in said


def test_conditions_without_ids_ask_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert pickers.names([{"field": "amount", "op": "gt", "value": 5}, {}]) == {}


@pytest.mark.parametrize(
    ("reason", "english", "turkish"),
    [
        (
            "unknown township: Kadıköyy",
            "The township “Kadıköyy” is not known.",
            "“Kadıköyy” ilçesi bilinmiyor.",
        ),
        ("unknown city: none given", "The address names no city.", "Adreste şehir yok."),
        ("number: Field required", "number: This field is required.", "number: Bu alan zorunludur."),
        (
            "orderitem_set: List should have at least 1 item after validation, not 0",
            "orderitem_set: Name at least 1.",
            "orderitem_set: En az 1 tane belirtin.",
        ),
        (
            "orderitem_set.0.quantity: -1 is not a usable quantity (above 0, at most 1000000, at most 3 digits after the point)",
            "orderitem_set.0.quantity: -1 is not a usable quantity (above 0, at most 1000000, at most 3 digits after the point)",
            "orderitem_set.0.quantity: -1 kullanılabilir bir miktar değil (0'dan büyük, en çok 1000000, noktadan sonra en çok 3 basamak)",
        ),
        (
            "pk: Field required; number: Input should be a valid string",
            "pk: This field is required; number: Write a text",
            "pk: Bu alan zorunludur; number: Bir metin yazın",
        ),
        (
            "date_placed: must lie between the years 1900 and 9998",
            "date_placed: must lie between the years 1900 and 9998",
            "date_placed: 1900 ile 9998 yılları arasında olmalı",
        ),
        (
            "modified_date: lies outside the calendar",
            "modified_date: lies outside the calendar",
            "modified_date: takvimin dışında",
        ),
        (
            'number: order 61 is "SC-1" here, and comes as "HUB-9"',
            "Order 61 is “SC-1” here, and comes as “HUB-9”: another system's order under the same id?",
            "61 kimlikli sipariş burada “SC-1”, ama “HUB-9” olarak geldi: aynı kimlikle başka bir sistemin siparişi mi?",
        ),
        (
            'supplier_code: the order names none, and orders sent here must name "AMBAR-01"',
            "It names no supplier (supplier_code), and orders sent here must name “AMBAR-01”.",
            "Tedarikçi belirtmiyor (supplier_code); buraya gönderilen siparişler “AMBAR-01” tedarikçisini belirtmeli.",
        ),
        (
            'orderitem_set: line 10 belongs to order "SC-1" here',
            "Its line 10 belongs to order “SC-1” here: another system's order?",
            "10 kimlikli kalemi burada “SC-1” siparişine ait: başka bir sistemin siparişi mi?",
        ),
        (
            'order.number: order 1 is "SC-1" here, and the plan is of "HUB-9"',
            "The cancellation plan is of order “HUB-9”, and order 1 is “SC-1” here: another system's plan?",
            "İptal planı “HUB-9” siparişinin, ama 1 kimlikli sipariş burada “SC-1”: başka bir sistemin planı mı?",
        ),
        (
            "order: plan 5 is about order 1 here, and comes for 2",
            "Cancellation plan 5 is about order 1 here, and comes for order 2: another system's plan?",
            "5 kimlikli iptal planı burada 1 kimlikli siparişin, ama 2 için geldi: başka bir sistemin planı mı?",
        ),
        (
            'number: Field required; supplier_code: sent here without "AMBAR-01", so it may be another order 5',
            "number: This field is required; It was sent here without “AMBAR-01” as its supplier (supplier_code), so it may be another system's order 5",
            "number: Bu alan zorunludur; Buraya “AMBAR-01” tedarikçisi (supplier_code) belirtilmeden gönderildi; 5 kimlikli başka bir sistemin siparişi olabilir",
        ),
        ("something else; or so", "something else; or so", "something else; or so"),
    ],
)
def test_quarantine_speaks_the_readers_language(reason, english, turkish):
    assert intake_words.words(reason) == english
    with translation.override("tr"):
        assert intake_words.words(reason) == turkish

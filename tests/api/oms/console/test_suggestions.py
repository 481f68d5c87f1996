"""Fields that suggest: found by the server, only what the person may see; lists and places are chosen by name."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts
from ambar.oms.catalogue.models import Product
from ambar.oms.console import suggestions
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.places.models import City, Country, District, Township
from ambar.oms.scenarios.models import DistributionScenario
from ambar.oms.shipments.models import Carrier
from tests.worlds.oms_planning import make_locations, make_orders, make_products, make_rule, make_scenario
from tests.worlds.oms_records import T0

pytestmark = pytest.mark.django_db


def signed_in(role="admin", **bounds):
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def asked(what, q="", client=None, **others):
    answer = (client or signed_in()).get(f"/suggest/{what}/", {"q": q, **others})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_products_are_found_by_sku_barcode_and_a_part_of_their_name_the_sku_first():
    Product.objects.create(sku="ZZ-1", name="Deri çanta", barcode="8690001")
    Product.objects.create(sku="DER-9", name="Kemer")
    Product.objects.create(sku="ZZ-2", name="Deri cüzdan", is_active=False)
    assert asked("products", "der") == {
        "results": [["DER-9", "Kemer"], ["ZZ-1", "Deri çanta"]],
        "said": "2 suggestions",
    }
    assert asked("products", "8690001")["results"] == [["ZZ-1", "Deri çanta"]]
    assert asked("products", "nothing\x00")["said"] == "No suggestions"


def test_a_dozen_is_all_there_is_and_the_beginning_of_a_sku_is_enough():
    Product.objects.bulk_create(Product(sku=f"SKU-{n:03}", name="x") for n in range(40))
    client = signed_in()
    asked("products", "SKU", client)
    with CaptureQueriesContext(connection) as seen:
        found = asked("products", "sku-0", client)["results"]
    assert [sku for sku, _name in found] == [f"SKU-{n:03}" for n in range(suggestions.MOST)]
    assert sum("oms_catalogue_product" in one["sql"] for one in seen) == 1


def test_a_location_operator_is_suggested_the_own_locations_only():
    own, _other = make_locations(2)
    code = StockLocation.objects.get(pk=own).erp_code
    bound = signed_in("location_operator", location_ids=[own])
    assert [value for value, _name in asked("erp-codes", "", bound)["results"]] == [code]
    assert len(asked("erp-codes")["results"]) == 2
    assert bound.get("/suggest/payment-types/").status_code == 403
    assert bound.get("/suggest/passwords/").status_code == 404
    nobody = Client()
    assert nobody.get("/suggest/products/").status_code == 302


def test_what_orders_carry_is_known_from_orders_and_from_settings():
    products = make_products(1)
    make_orders([[(products[0], 1)]] * 3)
    Order.objects.update(cargo_company="yurtici", payment_type="credit_card", customer={"type": "company"})
    Order.objects.filter(pk=Order.objects.first().pk).update(payment_type="pay_on_delivery")
    Carrier.objects.create(
        code="mng",
        name="MNG",
        adapter="shipment_flow",
        base_url="http://mng.example",
        created_at=T0,
        modified_at=T0,
    )
    assert asked("cargo-companies")["results"] == [["yurtici", ""], ["mng", ""]]
    assert asked("payment-types")["results"] == [["credit_card", ""], ["pay_on_delivery", ""]]
    assert asked("payment-types", "PAY")["results"] == [["pay_on_delivery", ""]]
    assert asked("customer-types")["results"] == [["company", ""]]


@pytest.mark.parametrize("what", sorted(suggestions.SOURCES))
def test_every_source_answers_whatever_is_typed(what):
    client = signed_in()
    for text in ("", "a", "%_\\'", "İstanbul"):
        assert isinstance(asked(what, text, client, city="x", country="TR")["results"], list)


def test_a_list_offers_what_orders_had_and_keeps_what_was_chosen():
    place = make_locations(1)[0]
    make_orders([[(make_products(1)[0], 1)]])
    Order.objects.update(cargo_company="yurtici", shipping_option_slug="fast")
    scenario = make_scenario(place, rules=[make_rule()])
    pk = getattr(scenario, "pk", scenario)
    DistributionScenario.objects.filter(pk=pk).update(
        shipping_condition_type="static", shipping_values=["Yurtiçi", "pigeon"]
    )
    client = signed_in()
    html = client.get(f"/scenarios/{pk}/edit/").content.decode()
    assert html.count('name="shipping_values" value=') == 3
    for value in ("Yurtiçi", "pigeon"):
        assert f'value="{value}" checked' in html
    assert 'value="fast">' in html
    found = DistributionScenario.objects.get(pk=pk)
    form = {
        "name": found.name, "priority": "10", "default_location": str(place), "initial_status": "100",
        "initial_status_multiple": "100", "shipping_condition_type": "static",
        "shipping_values": ["fast", "  drone\n\nballoon"], "version": str(found.version),
    }  # fmt: skip
    assert client.post(f"/scenarios/{pk}/edit/", form).status_code == 302
    assert DistributionScenario.objects.get(pk=pk).shipping_values == ["fast", "drone", "balloon"]


def placed():
    """Two cities of one country, one township with a district."""
    common = {"source": "t", "folded": "x"}
    country = Country.objects.create(upstream_id=1, name="Türkiye", code="TR", **common)
    cities = [City.objects.create(upstream_id=n, name=name, country=country, **common) for n, name in ((1, "İstanbul"), (2, "Ankara"))]  # fmt: skip
    township = Township.objects.create(upstream_id=1, name="Kadıköy", city=cities[0], **common)
    district = District.objects.create(upstream_id=1, name="Moda", township=township, **common)
    return country, cities, township, district


def test_the_place_of_a_location_is_chosen_step_by_step_by_name():
    country, (istanbul, ankara), township, district = placed()
    pk, client = make_locations(1)[0], signed_in()
    form = {"name": "Depo", "erp_code": "D9", "stock_location_type": "store", "priority": "1"}
    chosen = {"country": str(country.pk), "city": str(istanbul.pk)}
    drawn = client.post(f"/locations/{pk}/", {**form, **chosen, "refresh": "1"})
    assert drawn.status_code == 200
    offered = {field.name: [name for _pk, name in field.options] for field in drawn.context["places"]}
    assert offered == {
        "country": ["Türkiye"],
        "city": ["İstanbul", "Ankara"],
        "township": ["Kadıköy"],
        "district": [],
    }
    assert 'value="Depo"' in drawn.content.decode()
    assert StockLocation.objects.get(pk=pk).city_id is None
    whole = {**form, **chosen, "township": str(township.pk), "district": str(district.pk)}
    assert client.post(f"/locations/{pk}/", whole).status_code == 302
    kept = StockLocation.objects.get(pk=pk)
    assert (kept.country_id, kept.city_id, kept.township_id, kept.district_id) == (
        country.pk, istanbul.pk, township.pk, district.pk,
    )  # fmt: skip
    assert "Moda / Kadıköy / İstanbul / Türkiye" in client.get(f"/locations/{pk}/").content.decode()
    wrong = client.post(f"/locations/{pk}/", {**whole, "city": str(ankara.pk)})
    assert wrong.status_code == 400
    assert StockLocation.objects.get(pk=pk).city_id == istanbul.pk
    assert client.post(f"/locations/{pk}/", form).status_code == 302
    assert StockLocation.objects.get(pk=pk).country_id is None

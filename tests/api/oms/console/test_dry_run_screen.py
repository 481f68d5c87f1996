"""*Dry run*: an order by number or typed in, with stock as it is or as imagined."""

from __future__ import annotations

import pytest
from django.test import Client

from ambar.kit import accounts
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package
from ambar.oms.planning.models import Decision
from tests.worlds.oms_planning import (
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
)

pytestmark = pytest.mark.django_db


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


@pytest.fixture
def order(db: None) -> Order:
    places, products = make_locations(2), make_products(2)
    put_stock({(places[1], products[0]): 9, (places[0], products[0]): 1})
    make_scenario(places[0], rules=[make_rule(name="Whole", split_policy="whole_order")])
    return Order.objects.get(pk=make_orders([[(products[0], 2)]])[0])


def test_an_order_is_tried_and_nothing_is_written(order):
    answer = signed_in().get(f"/dry-run/?order={order.number}")
    assert answer.context["picture"].verdict == ("Warehouse 2 gives 2.",)
    assert [one["location"]["erp_code"] for one in answer.context["packages"]] == ["WH002"]
    assert not Package.objects.exists() and not Decision.objects.exists()
    assert Order.objects.get(pk=order.pk).planning_state == "new"


def test_imagined_stock_changes_who_wins(order):
    query = f"order={order.number}&at=WH001&stock_sku=SKU-00001&stock_quantity=5"
    picture = signed_in().get(f"/dry-run/?{query}").context["picture"]
    assert picture.verdict == ("Warehouse 1 gives 2.",)


def test_an_order_typed_in_is_tried_and_unknown_products_are_named(order):
    client = signed_in()
    good = client.get("/dry-run/?sku=SKU-00001&quantity=3")
    assert good.context["picture"].verdict == ("Warehouse 2 gives 3.",)
    bad = client.get("/dry-run/?sku=NOPE&quantity=3")
    assert (bad.status_code, bad.context["form"].errors) == (
        400,
        ["Line 1, SKU: No product has the SKU NOPE."],
    )
    worse = client.get("/dry-run/?sku=SKU-00001&quantity=x")
    assert (worse.status_code, worse.context["form"].errors) == (400, ["Line 1, Quantity: Write a number."])


def test_what_was_asked_stays_in_the_form_and_why_here_leads_to_it(order):
    client = signed_in()
    html = client.get("/dry-run/?sku=SKU-00001&quantity=3&city=Ankara").content.decode()
    assert 'value="SKU-00001"' in html and 'value="Ankara"' in html
    assert f"/dry-run/?order={order.number}" in client.get(f"/orders/{order.pk}/why/").content.decode()


def test_an_unknown_order_is_missing_and_roles_without_planning_are_refused(order):
    assert signed_in().get("/dry-run/?order=NOPE").status_code == 404
    bound = signed_in("location_operator", location_ids=[1])
    assert bound.get(f"/dry-run/?order={order.number}").status_code == 403

"""*Why here?*: the planner's decision as a picture."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.scenarios.actions.save_scenario import save_transfer_scenario
from tests.worlds.oms_planning import (
    NOW,
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


def planned(places: int = 3, lines: int = 1) -> int:
    """An order of which WH001 has too little and WH002 everything."""
    locations = make_locations(places)
    for n, pk in enumerate(locations):
        StockLocation.objects.filter(pk=pk).update(latitude=Decimal(41 - n), longitude=Decimal(29 + n))
    products = make_products(lines)
    stock = {(place, product): 5 for place in locations[1:] for product in products}
    put_stock(stock | {(locations[0], product): 1 for product in products})
    rule = make_rule(name="Whole", split_policy="whole_order")
    make_scenario(locations[-1], rules=[rule])
    given = {"latitude": Decimal("41.0266"), "longitude": Decimal("29.0155")}
    [order] = make_orders([[(product, 2) for product in products]], **given)
    plan_orders(limit=10, now=NOW)
    return order


def test_the_picture_shows_who_took_it_and_the_number_that_decided():
    order = planned()
    answer = signed_in().get(f"/orders/{order}/why/")
    picture = answer.context["picture"]
    assert [place.code for place in picture.places] == ["WH002", "WH001", "WH003"]
    [row] = picture.rows
    assert row.name == "Whole"
    assert [(str(cell.look), cell.figure) for cell in row.cells] == [
        ("Chosen", "2"),
        ("Removed", "1 of 2"),
        ("Kept", "no. 3"),
    ]
    assert picture.verdict == ("Warehouse 2 gives 2.",)
    assert str(picture.map).count('class="chosen"') == 1


def test_an_order_that_nobody_had_is_no_good_news():
    order = planned()
    page = signed_in().get(f"/orders/{order}/why/").content.decode()
    assert "notice tone-good" in page and "notice tone-warn" not in page
    product = OrderItem.objects.get(order_id=order).product_id
    [poor] = make_orders(
        [[(product, 50)]], first=77, latitude=Decimal("41.0266"), longitude=Decimal("29.0155")
    )
    plan_orders(limit=10, now=NOW)
    page = signed_in().get(f"/orders/{poor}/why/").content.decode()
    assert "Nobody had 50: Out of Stock." in page
    assert "notice tone-warn" in page and "notice tone-good" not in page


def test_every_runner_up_has_the_sentence_of_what_would_have_made_it_win():
    order = planned()
    client = signed_in()
    [contest] = client.get(f"/orders/{order}/why/").context["picture"].contests
    said = {runner.place.code: runner.instead for runner in contest.runners}
    assert said["WH002"] == ""
    assert "Warehouse 1" in said["WH001"] and "SKU-00001" in said["WH001"]
    client.cookies["ambar_language"] = "tr"
    [turkish] = client.get(f"/orders/{order}/why/").context["picture"].contests
    assert turkish.runners[-1].instead and turkish.runners[-1].instead != contest.runners[-1].instead


def test_the_picture_speaks_turkish():
    order = planned()
    client = signed_in()
    client.cookies["ambar_language"] = "tr"
    html = client.get(f"/orders/{order}/why/").content.decode()
    assert "Neden burası?" in html and "Elendi" in html and "Stok yetersiz" in html
    assert "Warehouse 2 lokasyonundan 2 adet gidiyor." in html


def test_each_line_and_each_attempt_can_be_looked_at():
    order = planned(lines=2)
    Order.objects.filter(pk=order).update(planning_state="new", due_at=NOW)
    client = signed_in()
    picture = client.get(f"/orders/{order}/why/?line=1").context["picture"]
    assert [line.current for line in picture.lines] == [False, True]
    attempts = client.get(f"/orders/{order}/why/").context["attempts"]
    assert [attempt["current"] for attempt in attempts] == [True]
    assert client.get(attempts[0]["href"]).status_code == 200
    assert client.get(f"/orders/{order}/why/?attempt=999999").status_code == 404


def test_a_hold_says_its_reason_in_the_language_of_the_screen():
    locations = make_locations(1)
    make_scenario(locations[0], is_active=False)
    [order] = make_orders([[(make_products(1)[0], 1)]])
    plan_orders(limit=10, now=NOW)
    client = signed_in()
    assert client.get(f"/orders/{order}/why/").context["hold"] == "No distribution scenario is active."
    client.cookies["ambar_language"] = "tr"
    assert client.get(f"/orders/{order}/why/").context["hold"] == "Etkin dağıtım senaryosu yok."


def test_the_screen_costs_the_same_however_many_locations_and_lines_there_are():
    few, many = planned(places=2), None
    client = signed_in()
    client.get(f"/orders/{few}/why/")
    with CaptureQueriesContext(connection) as one:
        assert client.get(f"/orders/{few}/why/").status_code == 200
    many = make_orders([[(product, 1) for product in make_products(6)]], first=50)[0]
    plan_orders(limit=10, now=NOW)
    with CaptureQueriesContext(connection) as six:
        assert client.get(f"/orders/{many}/why/").status_code == 200
    assert len(six) == len(one) <= 12


def test_who_may_not_see_the_order_or_planning_sees_nothing():
    order = planned()
    bound = signed_in("location_operator", location_ids=[1])
    assert bound.get(f"/orders/{order}/why/").status_code == 403
    assert signed_in().get("/orders/999999/why/").status_code == 404


def test_the_map_shows_where_a_transfer_comes_from_and_the_table_says_it():
    [here, there] = make_locations(2)
    for n, pk in enumerate((here, there)):
        StockLocation.objects.filter(pk=pk).update(latitude=Decimal(41 - n), longitude=Decimal(29 + n))
    products = make_products(1)
    put_stock({(here, products[0]): 1, (there, products[0]): 1})
    rule = make_rule(split_policy="whole_order", transferable=True)
    make_scenario(here, rules=[rule])
    bring = {
        "name": "bring",
        "location_condition": {},
        "product_mode": "all",
        "product_condition": {},
        "source_condition": {},
        "selectors": ["SELECT_BY_PRIORITY"],
    }
    save_transfer_scenario({"name": "transfers", "is_active": True, "rules": [bring]}, now=NOW)
    [order] = make_orders([[(products[0], 2)]], latitude=Decimal("41.0266"), longitude=Decimal("29.0155"))
    plan_orders(limit=10, now=NOW)
    answer = signed_in().get(f"/orders/{order}/why/")
    picture = answer.context["picture"]
    assert picture.ways == (("Warehouse 2", "Warehouse 1"),)
    assert str(picture.map).count('class="moved"') == 1
    assert "Transfers: Warehouse 2 → Warehouse 1" in answer.content.decode()


def test_an_order_without_transfers_has_no_way_between_locations():
    picture = signed_in().get(f"/orders/{planned()}/why/").context["picture"]
    assert picture.ways == ()
    assert 'class="moved"' not in str(picture.map)

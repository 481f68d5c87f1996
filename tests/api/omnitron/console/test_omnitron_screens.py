"""Omnitron's screens: guarded, and their cost does not grow with the rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts, clock
from ambar.omnitron.catalogue.models import Product
from ambar.omnitron.channels.models import Channel
from ambar.omnitron.stock.models import ProductStock, StockList

pytestmark = pytest.mark.django_db

LISTS = ["/orders/", "/products/", "/stock/", "/stores/", "/channels/", "/webhooks/", "/webhooks/log/"]


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user("admin", "a long password 1", ["admin"]))
    return client


def rows(first: int, count: int) -> None:
    stamps = {"created_at": clock.now(), "modified_at": clock.now()}
    listed, _ = StockList.objects.get_or_create(name="Web", defaults=stamps)
    for n in range(first, first + count):
        product = Product.objects.create(sku=f"S{n:04}", name=f"Gömlek {n}", **stamps)
        ProductStock.objects.create(product=product, stock_list=listed, stock=n, **stamps)
        Channel.objects.create(name=f"Channel {n}", **stamps)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_number_of_queries_however_long_it_is(admin, path):
    rows(0, 2)
    admin.get(path)
    counts = []
    for first, count in ((10, 1), (20, 20)):
        rows(first, count)
        with CaptureQueriesContext(connection) as captured:
            assert admin.get(path).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


@pytest.mark.parametrize("path", LISTS)
def test_every_screen_asks_to_sign_in_first(db, path):
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


def test_a_long_list_is_cut_into_pages(admin):
    rows(0, 60)
    first, second = (admin.get(f"/products/?page={n}").context["listing"] for n in (1, 2))
    assert [len(first.rows), len(second.rows)] == [50, 10]
    assert (first.total, first.pages, first.previous_link, first.next_link) == (60, 2, None, "?page=2")
    assert second.rows[0]["sku"] == "S0050"


def test_a_product_is_found_by_its_sku_or_name(admin):
    rows(0, 12)
    for text, found in (("S0003", ["S0003"]), ("gömlek 11", ["S0011"]), ("nothing", [])):
        assert [row["sku"] for row in admin.get(f"/products/?q={text}").context["listing"].rows] == found


def test_a_missing_order_is_a_page_not_an_error(admin):
    assert admin.get("/orders/999/").status_code == 404


def test_an_address_that_does_not_exist_is_a_page_for_who_is_signed_in_and_a_word_for_others(admin, client):
    page = admin.get("/no/such/place/")
    assert page.status_code == 404 and "There is no such record." in page.content.decode()
    assert "Main" in page.content.decode()
    stranger = client.get("/no/such/place/")
    assert (stranger.status_code, stranger.content) == (404, b"Not found.")
    assert admin.get("/api/v1/no/such/place/").json() == {"detail": "Not found."}


def test_a_form_of_another_sign_in_is_told_in_a_page(admin):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    answer = strict.post("/switch/theme/", {"theme": "dark"})
    assert answer.status_code == 403 and "Nothing was changed." in answer.content.decode()


def test_a_form_of_nobody_is_refused_in_a_word(client):
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403 and answer.content.startswith(b"This form is no longer valid")


def test_what_goes_wrong_on_a_screen_is_told_with_its_incident(admin, monkeypatch):
    def fails(*_args, **_kwargs):
        raise RuntimeError("secret reason")

    monkeypatch.setattr("ambar.kit.ui.screens.render", fails)
    quiet = Client(raise_request_exception=False)
    answer = quiet.get("/login/")
    assert answer.status_code == 500 and b"incident" in answer.content and b"secret" not in answer.content

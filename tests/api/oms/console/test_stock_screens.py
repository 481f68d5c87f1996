"""*Why is it N?*, imports, the check of the books, inventory engines, movements."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts, clock
from ambar.oms.stock.actions.import_file import import_slice
from ambar.oms.stock.models import Balance, Engine, Import
from tests.worlds.oms_records import World, build, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def why(world: World, code: str = "WH1", sku: str = "SKU-A") -> str:
    return f"/stock/why/{world.locations[code]}/{world.products[sku]}/"


def test_the_ledger_counts_back_from_the_present_figures_and_names_the_package(world):
    made = package(world, lines=(("SKU-A", 3),))
    context = signed_in().get(why(world)).context
    assert (context["balance"].on_hand, context["balance"].reserved, context["available"]) == (100, 3, 97)
    newest, first = context["lines"]
    assert (newest.quantity, newest.on_hand, newest.reserved) == (3, 100, 3)
    assert newest.holder == (made.number, f"/packages/{made.id}/")
    assert (first.quantity, first.on_hand, first.reserved) == (100, 100, 0)
    assert [(one.holder[0], one.quantity) for one in context["held"]] == [(made.number, 3)]


def test_the_ledger_costs_the_same_however_many_entries_it_has(world):
    client = signed_in()
    package(world, lines=(("SKU-A", 1),))
    client.get(why(world))
    with CaptureQueriesContext(connection) as few:
        client.get(why(world))
    for _ in range(4):
        package(world, lines=(("SKU-A", 1),))
    with CaptureQueriesContext(connection) as many:
        client.get(why(world))
    assert len(many) == len(few) <= 12


def test_figures_of_other_locations_are_missing_for_a_bound_person(world):
    client = signed_in("location_operator", location_ids=[world.locations["ST1"]])
    assert client.get(why(world, "ST1")).status_code == 200
    assert client.get(why(world, "WH1")).status_code == client.get("/stock/why/9999/1/").status_code == 404
    assert client.get("/engines/").status_code == client.get("/stock/check/").status_code == 403


def test_a_file_is_taken_worked_off_and_its_wrong_rows_are_told(world):
    client = signed_in()
    text = b"erp_code,sku,quantity\nWH1,SKU-A,7\nWH1,NOPE,1\n"
    answer = client.post("/stock/imports/", {"file": SimpleUploadedFile("count.csv", text, "text/csv")})
    made = Import.objects.get()
    assert answer["Location"] == f"/stock/imports/{made.pk}/"
    assert "hx-trigger" in client.get(answer["Location"]).content.decode()
    while import_slice(now=clock.now()):
        pass
    context = client.get(answer["Location"]).context
    assert (context["found"].done, context["found"].errors, context["open"]) == (2, 1, False)
    assert [(one["line"], one["field"]) for one in context["faults"]] == [(3, "sku")]
    assert Balance.objects.get(product__sku="SKU-A", location__erp_code="WH1").on_hand == 7


def test_a_file_that_is_none_is_refused_in_words(world):
    answer = signed_in().post("/stock/imports/", follow=True)
    assert [str(one) for one in answer.context["messages"]] == ["Choose a CSV file of at most 50 MB."]
    assert not Import.objects.exists()


def test_the_check_previews_and_mends_exactly_what_it_showed(world):
    client = signed_in()
    assert client.get("/stock/check/").context["rows"] == []
    Balance.objects.filter(location_id=world.locations["WH1"], product__sku="SKU-A").update(on_hand=55)
    context = client.get("/stock/check/").context
    assert [(row["now"], row["then"]) for row in context["rows"]] == [("55 / 0", "100 / 0")]
    client.post("/stock/check/", {"plan": "another"})
    assert Balance.objects.get(location_id=world.locations["WH1"], product__sku="SKU-A").on_hand == 55
    client.post("/stock/check/", {"plan": context["plan"].hash})
    assert Balance.objects.get(location_id=world.locations["WH1"], product__sku="SKU-A").on_hand == 100


def test_an_engine_is_made_and_its_password_never_shown(world):
    client = signed_in()
    body = {
        "name": "Store system",
        "url": "https://93.184.216.34/stock/",
        "service": "multiple",
        "auth": "basic_auth",
        "username": "oms",
        "password": "planted-secret-77",
        "timeout_seconds": "5",
        "max_age_seconds": "60",
    }
    answer = client.post("/engines/new/", body)
    made = Engine.objects.get(name="Store system")
    assert answer["Location"] == f"/engines/{made.pk}/"
    for path in ("/engines/", f"/engines/{made.pk}/"):
        assert "planted-secret" not in client.get(path).content.decode()
    wrong = client.post("/engines/new/", {**body, "name": "other", "timeout_seconds": "900"})
    assert wrong.status_code == 400 and Engine.objects.filter(name="other").count() == 0
    assert "planted-secret" not in wrong.content.decode()
    assert 'value="other"' in wrong.content.decode()
    client.post(f"/engines/{made.pk}/delete/")
    assert not Engine.objects.filter(pk=made.pk).exists()


def test_movements_count_packages_by_state_against_the_quota(world):
    package(world)
    package(world, state=920)
    rows = {row["name"]: row for row in signed_in().get("/locations/movements/").context["rows"]}
    row = rows["Location WH1"]
    assert (row["used"], row["quota"]) == (1, 1000)
    assert [count for count, _href in row["counts"] if count] == [1, 1]
    bound = signed_in("location_operator", location_ids=[world.locations["ST1"]])
    assert [row["name"] for row in bound.get("/locations/movements/").context["rows"]] == ["Location ST1"]

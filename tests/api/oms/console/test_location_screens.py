"""The form of a location: kept, emptied, refused by field, and read by whoever may not write."""

from __future__ import annotations

import pytest
from django.test import Client

from ambar.kit import accounts
from ambar.oms.locations.models import StockLocation
from ambar.oms.stock.models import Engine
from tests.worlds.oms_records import T0, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return build()


def signed_in(role="admin", **bounds):
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def form(**more):
    return {
        "name": "Depo 1", "erp_code": "WH1", "stock_location_type": "warehouse", "priority": "5", "is_active": "on",
        "is_transfer_location": "on", **more,
    }  # fmt: skip


def test_a_location_is_changed_and_its_engine_chosen(world):
    engine = Engine.objects.create(name="erp", created_at=T0, modified_at=T0)
    pk, client = world.locations["WH1"], signed_in()
    path = f"/locations/{pk}/"
    shown = client.get(path).content.decode()
    assert "Bahariye Cad. 40" in shown and "erp" in shown
    more = {"engine": str(engine.pk), "max_quota": "30", "exit_time": "17:30", "tags": "city\nnight"}
    answer = client.post(path, form(**more, latitude="41,0082", longitude="28.9784"))
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    kept = StockLocation.objects.get(pk=pk)
    assert (kept.name, kept.priority, kept.engine_id, kept.max_quota) == ("Depo 1", 5, engine.pk, 30)
    assert (f"{kept.exit_time:%H:%M}", kept.tags, str(kept.latitude)) == (
        "17:30",
        ["city", "night"],
        "41.008200",
    )
    assert (kept.is_transfer_location, kept.is_shipper_location, kept.line) == (True, False, "")
    client.post(path, form())
    emptied = StockLocation.objects.get(pk=pk)
    assert (emptied.engine_id, emptied.max_quota, emptied.exit_time, emptied.tags) == (None, None, None, [])


def test_a_new_location_is_made_and_a_code_in_use_is_refused_at_its_field(world):
    client = signed_in()
    answer = client.post("/locations/new/", form())
    assert answer.status_code == 400
    wrong = {field.name: field.errors for field in answer.context["fields"] if field.errors}
    assert wrong == {"erp_code": ("A location with this ERP code exists.",)}
    assert client.post("/locations/new/", form(erp_code="WH9")).status_code == 302
    assert StockLocation.objects.get(erp_code="WH9").name == "Depo 1"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"priority": "first"}, "priority"),
        ({"latitude": "95"}, "latitude"),
        ({"exit_time": "25:00"}, "exit_time"),
        ({"max_quota": "-1"}, "max_quota"),
        ({"engine": "77"}, "engine"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_written(world, given, field):
    path = f"/locations/{world.locations['WH1']}/"
    answer = signed_in().post(path, form(**given))
    assert answer.status_code == 400
    assert [one.name for one in answer.context["fields"] if one.errors] == [field]
    assert StockLocation.objects.get(erp_code="WH1").name == "Location WH1"


def test_who_is_bound_reads_the_own_location_and_finds_no_other(world):
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    page = client.get(f"/locations/{world.locations['WH1']}/")
    assert page.status_code == 200 and '<form method="post" class="panel"' not in page.content.decode()
    assert client.post(f"/locations/{world.locations['WH1']}/", form()).status_code == 403
    assert client.get(f"/locations/{world.locations['ST1']}/").status_code == 404
    assert client.get("/locations/new/").status_code == 403

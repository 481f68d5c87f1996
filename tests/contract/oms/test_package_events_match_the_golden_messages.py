"""What this system sends has the keys, nesting and formats of `contracts/oms-to-seller-center`."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.locations.models import StockLocation
from ambar.oms.places.models import City, Country, Township
from ambar.oms.states import queries as states
from tests.worlds.callers import caller
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parents[3] / "contracts" / "oms-to-seller-center"
FORMATS = (
    ("moment", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")),
    ("two decimals", re.compile(r"\d+\.\d\d")),
    ("three decimals", re.compile(r"\d+\.\d{3}")),
    ("six decimals", re.compile(r"-?\d+\.\d{6}")),
    ("whole", re.compile(r"\d+")),
)


def shape(value: Any) -> Any:
    """The value with every leaf replaced by its kind; free texts are all "text"."""
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str):
        return next((name for name, pattern in FORMATS if pattern.fullmatch(value)), "text")
    return type(value).__name__


def recorded(package_id: int, type: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload FROM outbox_event WHERE kind = 'package' AND aggregate_id = %s AND type = %s",
            [package_id, type],
        )
        return json.loads(cursor.fetchone()[0])


def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text())["payload"]


@pytest.fixture
def world():
    listen()
    world = build()
    country = Country.objects.create(source="sc", upstream_id=1, name="Türkiye", folded="turkiye", code="tr")
    city = City.objects.create(
        source="sc", upstream_id=34, name="İstanbul", folded="istanbul", country=country
    )
    township = Township.objects.create(
        source="sc", upstream_id=340, name="Kadıköy", folded="kadikoy", city=city
    )
    StockLocation.objects.update(country=country, city=city, township=township)
    return world


def test_package_created(world):
    made = package(world)
    assert shape(recorded(made.id, "package.created")) == shape(golden("package.created"))


def test_package_status_packed(world):
    made = package(world)
    run_command(made.id, slug="deallocate-reservations", now=T0)
    run_command(made.id, slug="complete-packaging-from-preparing", now=T0 + timedelta(hours=1))
    sent, expected = recorded(made.id, "package.status.packed"), golden("package.status.packed")
    assert shape(sent) == shape(expected)
    assert sent["sequence"] == expected["sequence"] == 4
    assert {item["state"] for item in sent["packageitem_set"]} == {"500"}


def test_keys_stand_in_the_order_of_the_golden_message(world):
    made = package(world)
    assert list(recorded(made.id, "package.created")) == list(golden("package.created"))


def test_the_rest_record_is_the_event_payload_and_the_commands(world):
    states.forget()  # what another test of this process changed, and took back
    made = package(world)
    record = caller("planner").get(f"/packages/{made.id}/").json()
    assert record["commands"] and {"parameters", "destination"} < record["commands"][0].keys()
    record["commands"] = [{"slug": one["slug"]} for one in record["commands"]]
    assert [record.pop(key) for key in ("transfers", "parents", "children")] == [[], [], []]
    assert [record.pop(key) for key in ("denial_reason", "invoice", "invoice_call")] == [None, None, None]
    assert record == recorded(made.id, "package.created")


def test_a_shipped_package_carries_its_parcel(world):
    made = package(world)
    run_command(made.id, slug="complete-packaging-from-waiting", now=T0)
    run_command(made.id, slug="shipment-order", parameters={"tracking_number": "TR1"}, now=T0)
    sent = recorded(made.id, "package.status.shipped")
    assert sent["shipment_date"] == "2026-01-15T09:30:00.000000Z"
    assert {k: sent["shipment"][k] for k in ("awb_number", "tracking_numbers", "cargo_company", "query_number")} == {
        "awb_number": "TR1", "tracking_numbers": ["TR1"], "cargo_company": "yurtici", "query_number": None,
    }  # fmt: skip

"""A command on a parcel is one on all packages it carries, or on none (`POST /shipments/{id}/command/`)."""

from __future__ import annotations

import pytest

from ambar.kit.accounts.models import AuditEntry
from ambar.oms.packages.models import Package
from ambar.oms.shipments.models import Shipment, ShipmentPackage
from tests.worlds import oms_books as books
from tests.worlds.callers import caller
from tests.worlds.oms_records import build, log_of, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def planner(world):
    return caller("planner")


def parcel(planner, world, *, at=("WH1", "WH1")):
    """One parcel with packages of several orders (decision 19); the second was put into the parcel of the first."""
    made = [package(world, at=place) for place in at]
    first, *others = made
    for row in made:
        slug = (
            "complete-packaging-with-shipment-from-waiting"
            if row is first
            else "complete-packaging-from-waiting"
        )
        assert planner.post(f"/packages/{row.id}/command/", {"slug": slug}).status_code == 204
    shipment = Shipment.objects.get()
    ShipmentPackage.objects.bulk_create(
        ShipmentPackage(shipment=shipment, package_id=other.id) for other in others
    )
    return shipment, [row.id for row in made]


def states(ids):
    return [Package.objects.get(pk=pk).state for pk in ids]


def test_all_that_a_parcel_carries_is_shipped_at_once(world, planner):
    shipment, ids = parcel(planner, world)
    path = f"/shipments/{shipment.pk}/command/"
    offered = {one["slug"] for one in planner.get(f"/shipments/{shipment.pk}/").json()["commands"]}
    assert {"ship-basic", "ship-advanced"} <= offered
    body = {"slug": "ship-basic", "shipment": shipment.pk}
    assert planner.post(path, body, Idempotency_Key="once").status_code == 204
    assert planner.post(path, body, Idempotency_Key="once").status_code == 204
    assert states(ids) == [600, 600]
    assert [len(log_of(pk)) for pk in ids] == [3, 3]
    assert "delivered-from-shipped" in {
        one["slug"] for one in planner.get(f"/shipments/{shipment.pk}/").json()["commands"]
    }
    assert books.wrong() == {}


def test_when_one_of_them_can_not_none_does(world, planner):
    shipment, ids = parcel(planner, world)
    assert planner.post(f"/packages/{ids[1]}/command/", {"slug": "ship-basic"}).status_code == 204
    before = books.picture()
    answer = planner.post(f"/shipments/{shipment.pk}/command/", {"slug": "ship-basic"})
    assert (answer.status_code, list(answer.json())) == (400, ["transition"])
    assert books.changed(before, books.picture()) == []
    assert states(ids) == [500, 600]
    offered = {one["slug"] for one in planner.get(f"/shipments/{shipment.pk}/").json()["commands"]}
    assert "ship-basic" not in offered and "delivered-from-shipped" not in offered


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": "ship-basic", "shipment": 10**9}, "shipment"),
        ({"slug": "nope"}, "slug"),
        ({}, "transition"),
        ({"slug": "ship-basic", "colour": "red"}, "colour"),
        ({"slug": 5}, "slug"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(world, planner, body, field):
    shipment, ids = parcel(planner, world)
    answer = planner.post(f"/shipments/{shipment.pk}/command/", body)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert states(ids) == [500, 500]


def test_who_is_bound_commands_a_parcel_only_when_all_of_it_is_theirs(world, planner):
    shipment, ids = parcel(planner, world, at=("WH1", "ST1"))
    shop = caller("location_operator", location_ids=[world.locations["ST1"]])
    path, missing = f"/shipments/{shipment.pk}/command/", "/shipments/999999/command/"
    told = shop.post(path, {"slug": "ship-basic"})
    assert (told.status_code, told.content) == (404, shop.post(missing, {"slug": "ship-basic"}).content)
    assert shop.get(f"/shipments/{shipment.pk}/").json()["commands"] == []
    assert AuditEntry.objects.filter(object_id=shipment.pk, object_kind="shipment").exists()
    assert states(ids) == [500, 500]
    both = caller("location_operator", username="both", location_ids=list(world.locations.values()))
    assert both.post(path, {"slug": "ship-basic"}).status_code == 204
    assert states(ids) == [600, 600]


def test_a_withdrawn_parcel_carries_nothing_to_command(world, planner):
    shipment, ids = parcel(planner, world)
    Shipment.objects.update(state="DELETED")
    answer = planner.post(f"/shipments/{shipment.pk}/command/", {"slug": "ship-basic"})
    assert (answer.status_code, answer.json()["code"]) == (406, "shipment_without_packages")
    assert planner.get(f"/shipments/{shipment.pk}/").json()["commands"] == []
    assert states(ids) == [500, 500]

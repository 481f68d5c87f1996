from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ambar.carrier.book import Book
from ambar.carrier.server import Running
from ambar.kit import clock, vault
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import OrderItem
from ambar.oms.packages import store as packages
from ambar.oms.shipments.actions.order_parcels import order_parcels
from ambar.oms.shipments.actions.talk_to_carriers import ask_due
from ambar.oms.shipments.models import Carrier, SenderAddress, Shipment
from ambar.oms.upstream.models import StatusSync
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, build, package, picture

pytestmark = pytest.mark.django_db
SECRET = "a carrier password"


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def planner(db):
    return caller("planner")


@pytest.fixture
def running(monkeypatch):
    found = Running(Book(failures=False), username="u", password=SECRET)
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", found.address)
    yield found
    found.close()


def packed(world, **given):
    made = package(world, **given)
    run_command(made.id, slug="complete-packaging-from-waiting", now=T0)
    with transaction.atomic():
        order_parcels(list(packages.lock([made.id]).values()), now=T0)
    return made, Shipment.objects.latest("id")


def test_a_carrier_is_connected_and_its_password_never_answered(running):
    one = caller("integration")
    body = {
        "code": "yurtici",
        "name": "Yurtiçi",
        "base_url": running.url,
        "username": "u",
        "password": SECRET,
    }
    answer = one.post("/carriers/", body)
    assert (answer.status_code, answer.json()["password"]) == (201, "********")
    assert SECRET not in answer.content.decode() + Carrier.objects.get().password
    assert vault.open(Carrier.objects.get().password) == SECRET
    path = f"/carriers/{answer.json()['id']}/"
    assert one.post("/carriers/", body).json() == {"code": ["A carrier with this code exists."]}
    moved = one.patch(path, {"base_url": f"{running.url}/other", "password": "********"})
    assert moved.json() == {"password": ["Give it again when the address changes."]}
    kept = one.patch(path, {"name": "Y", "password": "********"})
    assert (kept.status_code, vault.open(Carrier.objects.get().password)) == (200, SECRET)
    inside = one.post("/carriers/", {**body, "code": "x", "base_url": "http://169.254.169.254/"})
    assert list(inside.json()) == ["base_url"]


def test_the_label_is_to_be_had_as_pdf_and_png(world, planner):
    _, parcel = packed(world)
    for kind, start in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
        answer = planner.get(f"/shipments/{parcel.pk}/label/", format=kind)
        assert (answer.status_code, answer.content[:4]) == (200, start)
    assert planner.get(f"/shipments/{parcel.pk}/label/", format="gif").status_code == 400


def test_slip_and_pick_list_are_pdf_and_only_of_the_own_location(world, planner):
    made, _ = packed(world)
    slip = planner.get(f"/packages/{made.id}/packing-slip/")
    assert (slip.status_code, slip["Content-Type"], slip.content[:4]) == (200, "application/pdf", b"%PDF")
    assert planner.get("/packages/pick-list/", packages=f"{made.id}").content[:4] == b"%PDF"
    assert planner.get("/packages/pick-list/", packages="x").status_code == 400
    other = caller("location_operator", location_ids=[world.locations["ST1"]])
    assert other.get("/packages/pick-list/", packages=f"{made.id}").status_code == 404


def test_sender_addresses_are_kept_and_named_to_the_carrier(world, running):
    carrier = Carrier.objects.create(
        code="yurtici", name="Y", base_url=running.url, username="u", password=vault.seal(SECRET),
        created_at=T0, modified_at=T0,
    )  # fmt: skip
    one = caller("integration")
    body = {"stock_location": world.locations["WH1"], "carrier": carrier.pk, "origin_id": "A77"}
    made = one.post("/stocklocations-senderaddress/", body)
    assert made.status_code == 201
    assert list(one.post("/stocklocations-senderaddress/", body).json()) == ["stock_location"]
    assert one.get("/stocklocations-senderaddress/").json()["results"] == [made.json()]
    other = caller("location_operator", location_ids=[world.locations["ST1"]])
    assert other.get("/stocklocations-senderaddress/").json()["count"] == 0
    from ambar.oms.shipments.request_body import request_body

    _, parcel = packed(world)
    assert request_body(parcel.pk, reference="r", carrier_id=carrier.pk)["originId"] == "A77"


def test_a_carrier_is_told_of_a_location_and_its_id_is_named_with_parcels(world, running):
    one = caller("integration")
    body = {"code": "yurtici", "name": "Y", "base_url": running.url, "username": "u", "password": SECRET}
    carrier = one.post("/carriers/", body).json()["id"]
    asked = {"stock_location": world.locations["WH1"], "carrier": carrier}
    path = "/stocklocations-senderaddress/generate/"
    made = one.post(path, asked)
    assert (made.status_code, made.json()["origin_id"]) == (200, "A1")
    told = running.book.addresses["A1"]
    assert (told["name"], told["addressLine"], made.json()["address"]) == (
        "Location WH1",
        "Bahariye Cad. 40",
        told,
    )
    again = one.post(path, asked).json()
    assert (again["id"], again["origin_id"]) == (made.json()["id"], "A2")
    _, parcel = packed(world)
    ask_due(now=clock.now())
    assert running.book.parcels[str(Shipment.objects.get(pk=parcel.pk).reference)]["body"]["originId"] == "A2"


def test_a_location_that_can_not_be_told_is_refused_and_nothing_is_kept(world, running):
    one = caller("integration")
    body = {"code": "yurtici", "name": "Y", "base_url": running.url, "username": "u", "password": SECRET}
    carrier = one.post("/carriers/", body).json()["id"]
    path, here = "/stocklocations-senderaddress/generate/", world.locations["WH1"]
    assert one.post(path, {"stock_location": 10**9, "carrier": carrier}).json() == {
        "stock_location": ["No such location."]
    }
    assert one.post(path, {"stock_location": here, "carrier": 10**9}).json() == {
        "carrier": ["No such carrier."]
    }
    StockLocation.objects.filter(pk=here).update(line=" ")
    assert (
        one.post(path, {"stock_location": here, "carrier": carrier}).json()["code"]
        == "location_without_address"
    )
    StockLocation.objects.filter(pk=here).update(line="Moda Cad. 1")
    Carrier.objects.update(base_url="http://127.0.0.1:1")
    refused = one.post(path, {"stock_location": here, "carrier": carrier})
    assert (refused.status_code, refused.json()["code"]) == (406, "carrier_failed")
    assert not SenderAddress.objects.exists()


def test_appointments_and_returns_are_passed_through(world, planner, running):
    Carrier.objects.create(
        code="yurtici", name="Y", base_url=running.url, username="u", password=vault.seal(SECRET),
        created_at=T0, modified_at=T0,
    )  # fmt: skip
    _, parcel = packed(world)
    path = f"/shipments/{parcel.pk}"
    assert planner.post(f"{path}/easy-return/", {}).json()["code"] == "shipment_not_at_a_carrier"
    ask_due(now=clock.now())
    assert len(planner.post(f"{path}/appointment-dates/", {}).json()["appointmentDates"]) == 3
    assert planner.get(f"{path}/easy-return/").json()["en"].endswith("status 404: no such return.")
    code = planner.post(f"{path}/easy-return/", {"reason": "size"}).json()["returnCode"]
    assert planner.get(f"{path}/easy-return/").json()["returnCode"] == code
    assert planner.post(f"{path}/retry/", {}).json()["code"] == "shipment_nothing_to_retry"
    assert planner.get(f"{path}/").json()["carrier_talk"]["state"] == "known"
    assert planner.get("/shipments/", talk="known").json()["count"] == 1
    assert planner.get(f"{path}/history/").json()["results"][0]["status"] == "CREATED"


def test_a_list_costs_the_same_however_long(world, planner):
    counts = []
    for _ in range(2):
        packed(world)
        planner.get("/shipments/")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            planner.get("/shipments/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_shipping_without_integration_needs_the_same_status_upstream(world, planner):
    made = package(world)
    run_command(made.id, slug="complete-packaging-from-waiting", now=T0)
    path, body = f"/packages/{made.id}/command/", {"slug": "ship-without-integration"}
    before = picture(made.id)
    refused = planner.post(path, body)
    assert (refused.status_code, list(refused.json())) == (400, ["transition"])
    assert picture(made.id) == before
    for item in OrderItem.objects.all():
        StatusSync.objects.create(
            order_id=item.order_id, order_number="1", order_item_id=item.pk, upstream_item_id=item.upstream_id,
            package_id=made.id, wanted=item.state, sent=item.state, state="sent", created_at=T0, modified_at=T0,
        )  # fmt: skip
    assert planner.post(path, body).status_code == 204


@pytest.mark.parametrize("slug", ["ship-the-package", "ship-basic", "shipment-order"])
def test_every_way_of_shipping_goes_on_with_the_parcel_of_packing(world, planner, slug):
    made, parcel = packed(world)
    assert planner.post(f"/packages/{made.id}/command/", {"slug": slug}).status_code == 204
    assert Shipment.objects.get().pk == parcel.pk
    assert Shipment.objects.get().state == "SHIPPING"


def test_shipment_info_of_a_package_without_a_parcel_is_refused(world, planner):
    made = package(world)
    run_command(made.id, slug="complete-packaging-from-waiting", now=T0)
    before = picture(made.id)
    body = {"slug": "shipment-info-packed", "tracking_number": "TR1"}
    answer = planner.post(f"/packages/{made.id}/command/", body)
    assert (answer.status_code, answer.json()["code"]) == (406, "package_without_shipment")
    assert planner.post(f"/packages/{made.id}/command/", {"slug": "shipment-info-packed"}).status_code == 400
    assert picture(made.id) == before

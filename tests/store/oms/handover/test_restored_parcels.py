"""A package that comes back brings its parcel, its lines' notes and its label; a parcel that is still here is not made twice."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from ambar.carrier.book import Book
from ambar.carrier.server import Running
from ambar.kit import clock, vault
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.handover.actions import reconcile
from ambar.oms.orders.models import Order
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.packages.payload import payloads
from ambar.oms.shipments import store as shipments
from ambar.oms.shipments.actions.talk_to_carriers import ask_due, poll_due
from ambar.oms.shipments.domain.tracking import NewShipment
from ambar.oms.shipments.models import Carrier, Shipment, ShipmentLabel, ShipmentPackage, ShipmentStatusEntry
from tests.worlds import handover_partner as there
from tests.worlds.handover_offered import offered
from tests.worlds.oms_records import T0, package

pytestmark = pytest.mark.django_db
OF_ITS_TIME = {"modified_date", "shipment_date"}


@pytest.fixture
def two(world, partner):
    """Two shipped packages in one parcel, known on both sides."""
    rows = [package(world), package(world)]
    (parcel,) = shipments.create([parcel_of(rows[0].id)], now=T0)
    ShipmentPackage.objects.create(shipment_id=parcel, package_id=rows[1].id)
    Package.objects.filter(pk__in=[row.id for row in rows]).update(shipping_label="L-1")
    PackageItem.objects.filter(package_id=rows[0].id).update(extra_data={"barcodes": ["869"]})
    moves = [
        StateChange(package_id=row.id, from_state=100, to_state=600, command_code="X", slug="x")
        for row in rows
    ]
    packages.change_states(moves, now=T0)
    partner.hear()
    for row in rows:
        order = Order.objects.get(package=row.id)
        partner.offer(offered(order))
    return rows


def parcel_of(package_id):
    return NewShipment(
        carries=package_id, cargo_company="yurtici", awb_number="T-2", query_number="Q-1", state="SHIPPING"
    )


def told(rows):
    found = payloads([row.id for row in rows])
    return {
        pk: {name: value for name, value in record.items() if name not in OF_ITS_TIME}
        for pk, record in found.items()
    }


def mended(partner):
    row = reconcile.start(apply=True, user_id=None, now=clock.now())
    while reconcile.run_step(now=clock.now, reconciliation_id=row.pk):
        pass
    row.refresh_from_db()
    return row.state, row.found, row.repaired, row.refused


def lose(rows, *, parcels):
    ShipmentPackage.objects.filter(package_id__in=[row.id for row in rows]).delete()
    if parcels:
        ShipmentStatusEntry.objects.all().delete()
        ShipmentLabel.objects.all().delete()
        Shipment.objects.all().delete()
    there.lose([row.number for row in rows])


def without_own_sequence(records):
    return {
        pk: {**record, "sequence": 0, "shipment": {**record["shipment"], "modified_date": ""}}
        for pk, record in records.items()
    }


@pytest.mark.parametrize("parcels", [True, False], ids=["parcel lost", "parcel still here"])
def test_packages_that_come_back_travel_in_the_parcel_they_had(two, partner, parcels):
    before, parcel = told(two), Shipment.objects.get()
    lose(two, parcels=parcels)
    assert mended(partner) == ("done", 2, 2, 0)
    assert without_own_sequence(told(two)) == without_own_sequence(before)
    assert Shipment.objects.get().pk == parcel.pk
    later = shipments.create([parcel_of(two[0].id)], now=T0)
    assert later[0] > parcel.pk


@pytest.fixture
def book():
    return Book(seed=1, failures=False, all_arrive=True, now=lambda: T0)


@pytest.fixture
def carried(world, partner, book, monkeypatch):
    """A package packed into a parcel of a connected carrier, known there and at the Seller Center."""
    running = Running(book, username="u", password="p")
    allowed = os.environ["AMBAR_ALLOWED_TARGETS"]
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"{allowed},{running.address}")
    Carrier.objects.create(
        code="yurtici", name="Yurtiçi", base_url=running.url, username="u", password=vault.seal("p"),
        poll_seconds=60, timeout_seconds=60, created_at=T0, modified_at=T0,
    )  # fmt: skip
    made = package(world)
    run_command(made.id, slug="complete-packaging-with-shipment-from-waiting", now=T0)
    ask_due(now=T0)
    partner.hear()
    partner.offer(offered(Order.objects.get(package=made.id)))
    yield made
    running.close()


def test_a_parcel_that_comes_back_is_polled_and_its_package_goes_on(carried, partner, book):
    """It is asked for under the name it has at the carrier, which makes no second parcel there."""
    before = Shipment.objects.get()
    lose([carried], parcels=True)
    assert mended(partner) == ("done", 1, 1, 0)
    back = Shipment.objects.get()
    assert (back.reference, back.carrier_id, back.talk) == (before.reference, before.carrier_id, "to_ask")
    now = clock.now() + timedelta(seconds=1)
    assert (ask_due(now=now), list(book.parcels)) == (1, [str(before.reference)])
    book.now = lambda: T0 + timedelta(days=30)
    assert poll_due(now=now + timedelta(seconds=61)) == 1
    back.refresh_from_db()
    numbers = book.told(str(before.reference))[
        "trackingNumbers"
    ]  # some parcels get a second one on their way
    assert numbers[0] == before.awb_number
    assert (back.awb_number, back.state, back.talk) == (numbers[-1], "DELIVERED", "ended")
    assert back.follow_at is not None


def test_a_parcel_whose_carrier_is_not_known_under_its_name_waits_for_people(carried, partner):
    del partner.packages[carried.number]["event"]["shipment"]["carrier_reference"]
    lose([carried], parcels=True)
    assert mended(partner) == ("done", 1, 1, 0)
    assert Shipment.objects.values_list("talk", "carrier_id", "reference", "due_at")[0] == (
        "",
        None,
        None,
        None,
    )


def test_one_of_two_comes_back_beside_the_other(two, partner):
    lose(two[:1], parcels=False)
    assert mended(partner) == ("done", 1, 1, 0)
    assert set(ShipmentPackage.objects.values_list("package_id", flat=True)) == {row.id for row in two}
    assert Shipment.objects.count() == 1


def test_where_the_event_is_not_kept_the_numbers_remembered_there_make_a_parcel(two, partner):
    lose(two[:1], parcels=False)
    partner.packages[two[0].number].update(
        event=None, tracking_numbers=["T-1", "T-2"], shipping_company="yurtici"
    )
    mended(partner)
    back = Shipment.objects.get(packages=two[0].id)
    assert back.pk != Shipment.objects.get(packages=two[1].id).pk
    assert (back.state, back.awb_number, back.tracking_numbers, back.cargo_company, back.talk) == (
        "SHIPPING", "T-2", ["T-1", "T-2"], "yurtici", "",
    )  # fmt: skip

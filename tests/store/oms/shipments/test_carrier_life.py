"""Parcels at a carrier over real HTTP: the simulated one, and one that misbehaves."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ambar.carrier.domain.fate import BACK, fate
from ambar.kit.outbox.models import Event
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.shipments.follow_parcels import follow_parcels
from ambar.oms.packages.models import Package
from ambar.oms.shipments import store
from ambar.oms.shipments.actions.retry import retry
from ambar.oms.shipments.actions.talk_to_carriers import ask_due, poll_due
from ambar.oms.shipments.models import Carrier, Shipment, ShipmentLabel, ShipmentStatusEntry
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, build, events_of, package

pytestmark = pytest.mark.django_db


def packed(world, now=T0):
    """A package at Packed with the parcel that packing makes."""
    made = package(world)
    run_command(made.id, slug="complete-packaging-with-shipment-from-waiting", now=now)
    return made, Shipment.objects.latest("id")


def fresh(row):
    row.refresh_from_db()
    return row


def state_of(made):
    return Package.objects.get(pk=made.id).state


def test_a_parcel_is_made_known_once_with_its_label_and_number(carrier, book, clock):
    made, parcel = packed(build())
    assert (parcel.state, parcel.talk, parcel.awb_number, parcel.shipped_at) == (
        "CREATED",
        "to_ask",
        None,
        None,
    )
    assert book.parcels == {}
    assert (ask_due(now=T0), ask_due(now=T0)) == (1, 0)
    fresh(parcel)
    assert list(book.parcels) == [str(parcel.reference)]
    assert (parcel.talk, parcel.awb_number) == ("known", book.told(str(parcel.reference))["trackingNumber"])
    assert bytes(ShipmentLabel.objects.get(shipment=parcel).content).startswith(b"%PDF")
    body = book.parcels[str(parcel.reference)]["body"]
    assert (body["destination"]["surname"], body["destination"]["city"]["name"], body["type"]) == (
        "Yılmaz",
        "İstanbul",
        "CUSTOMER",
    )
    assert [(row["sku"], row["quantity"]) for row in body["products"]] == [
        ("SKU-A", "1.00"),
        ("SKU-B", "1.00"),
    ]
    assert [kind for kind, _ in events_of(made.id)][-1] == "package.shipment.awb_number"
    assert events_of(parcel.pk, "shipment") == [("shipment.created", 1)]


def test_an_answer_that_was_lost_makes_no_second_parcel(carrier, book, clock):
    _, parcel = packed(build())
    ask_due(now=T0)
    Shipment.objects.update(talk="to_ask", due_at=T0, awb_number=None)
    ask_due(now=clock.pass_(minutes=3))
    assert len(book.parcels) == 1
    assert fresh(parcel).tracking_numbers == [book.told(str(parcel.reference))["trackingNumbers"][0]]


def test_the_carriers_story_moves_the_package_through_every_step(carrier, book, clock, monkeypatch):
    monkeypatch.setattr(
        "ambar.carrier.book.fate",
        lambda r, s: type(fate(r, s))(plan=BACK, refusals=0, garbled=True, second_number=True),
    )
    made, parcel = packed(build())
    ask_due(now=T0)
    seen = []
    for _ in range(6):
        now = clock.pass_(hours=24)
        poll_due(now=now)
        follow_parcels(now=now)
        seen.append(state_of(made))
    assert seen == [600, 640, 660, 740, 740, 740]
    assert (fresh(parcel).state, parcel.talk, parcel.due_at, parcel.follow_at) == (
        "RETURNED",
        "ended",
        None,
        None,
    )
    assert len(parcel.tracking_numbers) == 2 and parcel.awb_number == parcel.tracking_numbers[1]
    assert ShipmentStatusEntry.objects.filter(shipment=parcel).count() == 5
    assert Shipment.objects.count() == 1
    assert [kind for kind, _ in events_of(parcel.pk, "shipment")] == [
        "shipment.created",
        *["shipment.status.updated"] * 4,
    ]


def test_a_package_catches_up_when_a_week_is_told_at_once(carrier, clock, monkeypatch):
    monkeypatch.setattr(
        "ambar.carrier.book.fate",
        lambda r, s: type(fate(r, s))(plan=BACK, refusals=0, garbled=True, second_number=False),
    )
    made, _ = packed(build())
    ask_due(now=T0)
    now = clock.pass_(days=7)
    poll_due(now=now)
    follow_parcels(now=now)
    assert state_of(made) == 740


def test_a_delivered_parcel_stays_delivered(carrier, clock):
    """Trap 11."""
    made, parcel = packed(build())
    ask_due(now=T0)
    run_command(made.id, slug="ship-the-package", now=T0)
    run_command(made.id, slug="delivered-from-shipped", now=T0)
    now = clock.pass_(hours=25)
    poll_due(now=now)
    follow_parcels(now=now)
    assert (state_of(made), fresh(parcel).state) == (700, "DELIVERED")
    assert ("SHIPPING", False) in ShipmentStatusEntry.objects.values_list("status", "applied")


def test_a_second_tracking_number_is_added(carrier, clock):
    """Trap 12."""
    made, parcel = packed(build())
    ask_due(now=T0)
    first = fresh(parcel).awb_number
    run_command(made.id, slug="shipment-info-packed", parameters={"tracking_number": "TR2"}, now=T0)
    assert (fresh(parcel).awb_number, parcel.tracking_numbers) == ("TR2", [first, "TR2"])
    assert not ShipmentLabel.objects.exists()
    assert state_of(made) == 500
    assert [kind for kind, _ in events_of(made.id)][-1] == "package.shipment.awb_number"


def test_what_nobody_waits_for_is_withdrawn_at_the_carrier(carrier, book, clock):
    made, parcel = packed(build())
    ask_due(now=T0)
    store.set_state({made.id: "DELETED"}, now=T0)
    assert ask_due(now=T0) == 1
    assert book.story(str(parcel.reference))[-1][1] == "DELETED"
    assert fresh(parcel).talk == "ended"
    assert events_of(parcel.pk, "shipment")[-1][0] == "shipment.cancelled"


def test_an_address_that_may_not_be_connected_to_is_no_matter_of_waiting(carrier):
    Carrier.objects.update(base_url="http://127.0.0.1:1", modified_at=T0 + timedelta(seconds=1))
    _, parcel = packed(build())
    ask_due(now=T0)
    assert (fresh(parcel).talk, parcel.due_at, "connected" in parcel.problem) == ("error", None, True)


def test_a_carrier_that_never_answers_is_given_up_with_the_reason_and_asked_again_by_hand(
    carrier, book, monkeypatch
):
    book.failures = True
    monkeypatch.setattr(
        "ambar.carrier.book.fate",
        lambda r, s: type(fate(r, s))(plan=BACK, refusals=8, garbled=False, second_number=False),
    )
    _, parcel = packed(build())
    pauses, now = [], T0
    while now is not None:
        ask_due(now=now)
        before, now = now, fresh(parcel).due_at
        pauses.append(None if now is None else round((now - before).total_seconds()))
    assert pauses == [5, 10, 20, 40, 80, 160, 320, None]
    assert (parcel.talk, parcel.problem) == ("error", "status 503: the branch is not reachable")
    retry(parcel.pk, now=T0)
    ask_due(now=T0)
    assert (fresh(parcel).talk, parcel.problem, parcel.awb_number is not None) == ("known", "", True)


def test_a_branch_that_fails_first_takes_the_parcel_at_the_second_try(carrier, book, clock, monkeypatch):
    book.failures = True
    monkeypatch.setattr(
        "ambar.carrier.book.fate",
        lambda r, s: type(fate(r, s))(plan=BACK, refusals=2, garbled=False, second_number=False),
    )
    _, parcel = packed(build())
    pauses = []
    for _ in range(3):
        now = fresh(parcel).due_at
        ask_due(now=now)
        pauses.append((fresh(parcel).talk, round((parcel.due_at - now).total_seconds()), parcel.problem))
    assert pauses == [
        ("to_ask", 5, "status 503: the branch is not reachable"),
        ("to_ask", 10, "status 503: the branch is not reachable"),
        ("known", 60, ""),
    ]


def test_without_a_connected_carrier_the_parcel_waits_for_people(clock):
    listen("package.status.shipped")
    made, parcel = packed(build())
    assert (parcel.talk, parcel.state, ask_due(now=T0)) == ("", "CREATED", 0)
    run_command(
        made.id,
        slug="ship-advanced",
        parameters={"tracking_number": "TR1", "shipping_company": "aras"},
        now=T0,
    )
    assert (fresh(parcel).state, parcel.awb_number, parcel.cargo_company) == ("SHIPPING", "TR1", "aras")
    assert Package.objects.get(pk=made.id).shipping_company == "aras"
    shipped = Event.objects.get(aggregate_id=made.id, type="package.status.shipped")
    assert json.loads(shipped.payload)["shipping_company"] == "aras"
    assert Shipment.objects.count() == 1
    assert [kind for kind, _ in events_of(parcel.pk, "shipment")] == [
        "shipment.created",
        "shipment.status.updated",
    ]

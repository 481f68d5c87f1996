"""Parcels that bring a transfer from one location to another."""

from __future__ import annotations

import pytest

from ambar.carrier.domain.fate import DELIVERED, SHIPPING, Fate
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.shipments.follow_parcels import follow_parcels
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.shipments.actions.talk_to_carriers import ask_due, poll_due
from ambar.oms.shipments.models import Shipment, ShipmentTransfer
from ambar.oms.transfers.models import Transfer
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, build, events_of
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db


def run(transfer, slug, **parameters):
    run_command(transfer.id, kind=TRANSFERS, slug=slug, parameters=parameters, now=T0)


def ready(world, company="yurtici"):
    made, (transfer,) = waiting_package(world)
    run(transfer, "transfer-ready-for-dispatch", shipping_company=company)
    return made, transfer, Shipment.objects.latest("id")


def told_of(parcel):
    return [kind for kind, _ in events_of(parcel.pk, "shipment")]


def test_a_parcel_is_made_known_with_the_goods_and_where_they_go(carrier, book):
    made, transfer, parcel = ready(build())
    assert (parcel.state, parcel.talk, told_of(parcel)) == ("CREATED", "to_ask", ["shipment.created"])
    assert ask_due(now=T0) == 1
    body = book.parcels[str(parcel.reference)]["body"]
    assert (body["orderNumber"], body["type"]) == (transfer.number, "PICK_UP_LOCATION")
    assert (body["destination"]["name"], body["destination"]["addressLine"]) == (
        "Location ST1",
        "Bahariye Cad. 40",
    )
    assert [(row["sku"], row["quantity"]) for row in body["products"]] == [("SKU-B", "2.00")]
    assert "payment" not in body
    parcel.refresh_from_db()
    assert Transfer.objects.get(pk=transfer.id).tracking_number == parcel.awb_number is not None
    assert told_of(parcel) == ["shipment.created", "shipment.status.updated"]
    assert "package.shipment.awb_number" not in [kind for kind, _ in events_of(made.id)]


def test_what_the_carrier_took_is_in_transit_and_what_it_brought_is_received_by_people(
    carrier, book, clock, monkeypatch
):
    _, transfer, parcel = ready(build())
    life = Fate(
        plan=((0.0, "CREATED"), (1.0, SHIPPING), (2.0, DELIVERED)),
        refusals=0,
        garbled=False,
        second_number=False,
    )
    monkeypatch.setattr("ambar.carrier.book.fate", lambda reference, seed: life)
    ask_due(now=T0)
    seen = []
    for _ in range(2):
        now = clock.pass_(hours=25)
        poll_due(now=now)
        follow_parcels(now=now)
        parcel.refresh_from_db()
        seen.append((parcel.state, Transfer.objects.get(pk=transfer.id).state))
    assert seen == [("SHIPPING", "in_transit"), ("DELIVERED", "in_transit")]
    run(transfer, "transfer-delivered")
    assert Transfer.objects.get(pk=transfer.id).state == "transferred"
    assert told_of(parcel) == ["shipment.created", *["shipment.status.updated"] * 3]


def test_dispatched_and_received_by_hand_the_parcel_follows():
    _, transfer, parcel = ready(build(), company="own-van")
    assert parcel.talk == ""
    run(transfer, "transfer-dispatch-from-ready")
    parcel.refresh_from_db()
    assert (parcel.state, parcel.shipped_at) == ("SHIPPING", T0)
    run(transfer, "transfer-delivered")
    parcel.refresh_from_db()
    assert (parcel.state, parcel.delivered_at) == ("DELIVERED", T0)
    assert told_of(parcel) == ["shipment.created", *["shipment.status.updated"] * 2]


def test_a_number_given_from_outside_is_recorded_and_no_carrier_is_told(carrier, book):
    _, (transfer,) = waiting_package(build())
    run(transfer, "transfer-order-advanced", shipping_company="yurtici", tracking_number="TR7")
    parcel = Shipment.objects.get()
    assert (parcel.state, parcel.awb_number, parcel.tracking_numbers, parcel.talk) == (
        "CREATED",
        "TR7",
        ["TR7"],
        "",
    )
    assert (ask_due(now=T0), book.parcels) == (0, {})


def test_a_transfer_that_is_called_off_has_its_parcel_withdrawn_at_the_carrier(carrier, book):
    made, _, parcel = ready(build())
    ask_due(now=T0)
    run_command(made.id, slug="cancel-from-waiting-for-transfer", now=T0)
    parcel.refresh_from_db()
    assert (parcel.state, told_of(parcel)[-1]) == ("DELETED", "shipment.cancelled")
    assert ask_due(now=T0) == 1
    assert book.story(str(parcel.reference))[-1][1] == "DELETED"


def test_without_a_shipping_company_there_is_no_parcel():
    _, (transfer,) = waiting_package(build())
    run(transfer, "transfer-ready-for-dispatch")
    run(transfer, "transfer-dispatch-from-ready")
    run(transfer, "transfer-delivered")
    assert not ShipmentTransfer.objects.exists() and not Shipment.objects.exists()


def test_the_record_names_the_transfer_and_the_transfer_its_parcel():
    world = build()
    made, transfer, parcel = ready(world)
    planner = caller("planner")
    row = planner.get("/shipments/", transfer__number=transfer.number).json()["results"][0]
    assert (row["id"], row["packages"]) == (parcel.pk, [])
    assert row["transfers"] == [
        {"id": transfer.id, "number": transfer.number, "package": {"id": made.id, "number": made.number}}
    ]
    record = planner.get(f"/transfer_orders/{transfer.id}/").json()
    assert (record["shipment"]["id"], record["shipping_company"]) == (parcel.pk, "yurtici")
    for kind, start in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
        assert planner.get(f"/shipments/{parcel.pk}/label/", format=kind).content.startswith(start)


def test_both_ends_see_the_parcel_and_nobody_else():
    world = build()
    _, transfer, parcel = ready(world)
    for code in ("WH1", "ST1"):
        operator = caller("location_operator", username=code, location_ids=[world.locations[code]])
        row = operator.get(f"/shipments/{parcel.pk}/").json()
        assert [one["number"] for one in row["transfers"]] == [transfer.number]
    stranger = caller("location_operator", username="nobody", location_ids=[10**6])
    assert stranger.get(f"/shipments/{parcel.pk}/").status_code == 404
    assert stranger.get("/shipments/").json()["count"] == 0

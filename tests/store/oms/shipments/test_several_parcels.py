"""A package that fills several parcels, each with a story of its own."""

from __future__ import annotations

import pytest

from ambar.carrier.domain.fate import ATTEMPTED, DELIVERED, FAILED, RETURNED, SHIPPING, Fate
from ambar.kit.refusals import Invalid
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.shipments.follow_parcels import follow_parcels
from ambar.oms.packages.models import Package
from ambar.oms.shipments.actions.talk_to_carriers import ask_due, poll_due
from ambar.oms.shipments.models import Shipment
from tests.worlds.oms_records import T0, build, events_of, package, take

pytestmark = pytest.mark.django_db
PACK = "complete-packaging-with-shipment-from-waiting"


def packed(world, parcels, **order):
    made = package(world, order_id=take(world, **order) if order else None)
    run_command(made.id, slug=PACK, parameters={"parcels": parcels}, now=T0)
    return made


def state_of(made):
    return Package.objects.get(pk=made.id).state


def live(monkeypatch, book, *plans):
    """The parcels, oldest first, live these lives: a status a day."""
    references = [
        str(reference) for reference in Shipment.objects.order_by("id").values_list("reference", flat=True)
    ]
    fates = {
        reference: Fate(
            plan=tuple((float(day), status) for day, status in enumerate(["CREATED", *plan])),
            refusals=0,
            garbled=False,
            second_number=False,
        )
        for reference, plan in zip(references, plans, strict=True)
    }
    monkeypatch.setattr("ambar.carrier.book.fate", lambda reference, seed: fates[reference])


def walk(clock, made, days):
    seen = []
    for _ in range(days):
        now = clock.pass_(hours=25)
        poll_due(now=now)
        follow_parcels(now=now)
        seen.append(state_of(made))
    return seen


def test_each_parcel_is_made_known_and_told_of(carrier, book):
    made = packed(build(), 3)
    assert ask_due(now=T0) == 3
    assert len(book.parcels) == 3 == Shipment.objects.filter(talk="known").count()
    numbers = [events_of(pk, "shipment") for pk in Shipment.objects.values_list("pk", flat=True)]
    assert numbers == [[("shipment.created", 1)]] * 3
    assert [kind for kind, _ in events_of(made.id)].count("package.shipment.awb_number") == 3


def test_delivered_is_the_package_whose_last_parcel_is(carrier, book, clock, monkeypatch):
    made = packed(build(), 2)
    live(monkeypatch, book, [SHIPPING, DELIVERED], [SHIPPING, ATTEMPTED, DELIVERED])
    ask_due(now=T0)
    assert walk(clock, made, 4) == [600, 640, 700, 700]


def test_one_delivered_and_one_failed_is_a_failed_delivery_until_the_other_arrives(
    carrier, book, clock, monkeypatch
):
    made = packed(build(), 2)
    live(monkeypatch, book, [SHIPPING, DELIVERED], [SHIPPING, FAILED, DELIVERED])
    ask_due(now=T0)
    assert walk(clock, made, 4) == [600, 660, 700, 700]


def test_one_delivered_and_one_brought_back_stays_a_failed_delivery_for_people_to_end(
    carrier, book, clock, monkeypatch
):
    made = packed(build(), 2)
    live(monkeypatch, book, [SHIPPING, DELIVERED], [SHIPPING, FAILED, RETURNED])
    ask_due(now=T0)
    assert walk(clock, made, 4) == [600, 660, 660, 660]
    run_command(made.id, slug="delivered-from-delivery-failed", now=clock.now)
    assert state_of(made) == 700
    assert sorted(Shipment.objects.values_list("state", flat=True)) == ["DELIVERED", "RETURNED"]


def test_shipped_by_hand_all_parcels_leave_and_the_number_is_the_newest_ones():
    made = packed(build(), 2)
    run_command(made.id, slug="shipment-order", parameters={"tracking_number": "TR9"}, now=T0)
    rows = Shipment.objects.order_by("id").values_list("state", "awb_number")
    assert list(rows) == [("SHIPPING", None), ("SHIPPING", "TR9")]
    run_command(made.id, slug="delivered-from-shipped", now=T0)
    assert set(Shipment.objects.values_list("state", flat=True)) == {"DELIVERED"}


def test_a_cancelled_package_has_all_its_parcels_withdrawn_at_the_carrier(carrier, book):
    made = packed(build(), 2)
    ask_due(now=T0)
    run_command(made.id, slug="cancel-from-packed", now=T0)
    assert ask_due(now=T0) == 2
    assert [book.story(reference)[-1][1] for reference in book.parcels] == ["DELETED"] * 2
    assert Shipment.objects.filter(state="DELETED", talk="ended").count() == 2


def test_money_at_the_door_is_taken_once(carrier, book):
    packed(build(), 3, payment_type="cash_on_delivery")
    ask_due(now=T0)
    bodies = [parcel["body"] for parcel in book.parcels.values()]
    assert ["payment" in body for body in bodies].count(True) == 1


@pytest.mark.parametrize("parcels", [0, 51, "two", None])
def test_a_number_of_parcels_that_is_none_is_refused(parcels):
    made = package(build())
    with pytest.raises(Invalid) as refused:
        run_command(made.id, slug=PACK, parameters={"parcels": parcels}, now=T0)
    assert list(refused.value.fields) == ["parcels"]
    assert not Shipment.objects.exists()

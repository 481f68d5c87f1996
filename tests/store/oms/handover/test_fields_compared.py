"""Fields that differ where state and sequence agree, on either side: found, named, and decided by the authority table."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from ambar.kit import clock
from ambar.oms.handover.actions import close_day, reconcile
from ambar.oms.handover.models import Reconciliation
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages.models import Package
from ambar.oms.shipments.models import Shipment, ShipmentPackage
from tests.worlds.handover_offered import offered
from tests.worlds.oms_records import T0, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(world, partner):
    """A shipped package with everything a package can have, known on both sides, and one beside it."""
    one, beside = package(world), package(world)
    parcel = Shipment.objects.create(
        state="SHIPPING",
        awb_number="T-1",
        tracking_numbers=["T-1"],
        sequence=1,
        created_at=T0,
        modified_at=T0,
    )
    ShipmentPackage.objects.create(shipment=parcel, package_id=one.id)
    Package.objects.filter(pk=one.id).update(
        shipping_company="yurtici", invoice_number="INV-1", state=600, told_state=600, shipped_at=T0
    )
    partner.hear()
    partner.packages[one.number].update(
        state=600, shipping_company="yurtici", invoice_number="INV-1", tracking_numbers=["T-1"]
    )
    for number in (one.number, beside.number):
        order = Package.objects.get(number=number).order
        partner.offer(offered(order))
    row = run()
    assert row.found == 0, [conflict.fields for conflict in row.conflicts.all()]
    return one


def run(apply=False):
    row = reconcile.start(apply=apply, user_id=None, now=clock.now())
    return follow(row)


def follow(row):
    while reconcile.run_step(now=clock.now, reconciliation_id=row.pk):
        pass
    row.refresh_from_db()
    return row


def other_item(row):
    row["items"][0]["quantity"] = "7.00"


THERE = {
    "amount": lambda row: row.update(amount="1.00"),
    "shipping_company": lambda row: row.update(shipping_company="aras"),
    "invoice_number": lambda row: row.update(invoice_number=None),
    "tracking_numbers": lambda row: row.update(tracking_numbers=[]),
    "location_name": lambda row: row.update(location_name="Elsewhere"),
    "items": other_item,
}
HERE = {
    "shipping_company": lambda pk: Package.objects.filter(pk=pk).update(shipping_company="aras"),
    "invoice_number": lambda pk: Package.objects.filter(pk=pk).update(invoice_number=None),
    "tracking_numbers": lambda pk: Shipment.objects.update(awb_number="T-9"),
    "location_name": lambda pk: StockLocation.objects.filter(
        pk=Package.objects.get(pk=pk).location_id
    ).update(name="Elsewhere", modified_at=clock.now()),
}


@pytest.mark.parametrize("field", sorted(THERE))
def test_a_field_changed_there_alone_is_found_named_and_told_again(made, partner, field):
    before = partner.packages[made.number]["sequence"]
    THERE[field](partner.packages[made.number])
    told_again(made, partner, field)
    assert partner.packages[made.number]["sequence"] > before


@pytest.mark.parametrize("field", sorted(HERE))
def test_a_field_changed_here_alone_is_told_as_it_stands(made, partner, field):
    HERE[field](made.id)
    told_again(made, partner, field)


def told_again(made, partner, field):
    row = run(apply=True)
    assert row.found >= 1
    conflict = row.conflicts.get(key=made.number)
    assert (conflict.case, conflict.owner, conflict.remedy) == ("both", "oms", "tell_again")
    assert [one["field"] for one in conflict.fields] == [field]
    assert follow(row).state == "checking"
    partner.hear()
    row = follow(row)
    assert (row.state, row.repaired, row.unconfirmed) == ("done", row.found, 0)
    again = run()
    assert (again.state, again.found, again.under_way) == ("done", 0, 0), list(again.conflicts.values())


def test_what_may_differ_is_no_difference(made, partner):
    """A number known before shipping but not told yet, numbers of earlier parcels there, a finished package's old place name."""
    partner.packages[made.number]["tracking_numbers"] = ["T-0", "T-1"]
    assert run().found == 0
    Package.objects.filter(pk=made.id).update(state=700, told_state=700)
    partner.packages[made.number].update(state=700, location_name="As it was called then")
    assert run().found == 0
    Package.objects.filter(pk=made.id).update(state=500, told_state=500)
    StockLocation.objects.update(name="As it was called then", modified_at=clock.now())
    partner.packages[made.number].update(state=500, tracking_numbers=[])
    for row in partner.packages.values():
        row["location_name"] = "As it was called then"
    assert run().found == 0


def test_an_earlier_seller_center_is_compared_by_state_and_sequence_and_said_so(made, partner, capsys):
    partner.is_older = True
    partner.packages[made.number]["invoice_number"] = "WRONG"
    row = run()
    assert (row.state, row.found, row.unknown) == (
        "done",
        0,
        [Reconciliation.ORDERS_UNKNOWN, Reconciliation.FIELDS_UNKNOWN],
    )
    statement = close_day.draw_up(None, now=clock.now())
    assert statement.body["differences"]["open"] == 0
    assert [text.partition(":")[0] for text in statement.body["unknown"]] == [
        "Whether the fields of packages are the same",
        "Whether the fields of orders are the same",
    ]
    partner.packages[made.number]["state"] = 700
    row = run()
    assert [one["field"] for one in row.conflicts.get().fields] == ["state", "invoice_number"]
    partner.packages[made.number].update(state=600)
    call_command("reconcile", "--json")
    said = capsys.readouterr()
    assert json.loads(said.out)["found"] == 0
    assert "field by field" in said.err

"""Packages of two orders in one parcel: what happens to one of them is nothing to the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.packages.models import Package
from ambar.oms.shipments.models import Shipment, ShipmentPackage
from ambar.oms.stock.queries import check
from tests.worlds.oms_records import T0, build, events_of, log_of, package

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(minutes=5)


def test_of_one_parcel_for_two_orders_cancelling_one_leaves_the_other_alone(db):
    """Trap 9: the parcel travels on with the other order's package; it is deleted with the last of them."""
    world = build()
    one, two = package(world), package(world)
    for made in (one, two):
        run_command(made.id, slug="complete-packaging-from-waiting", now=T0)
    parcel = Shipment.objects.create(state="CREATED", created_at=T0, modified_at=T0)
    for made in (one, two):
        ShipmentPackage.objects.create(shipment=parcel, package_id=made.id)
    before = (Package.objects.values().get(pk=two.id), events_of(two.id), log_of(two.id))
    run_command(one.id, slug="cancel-from-packed", now=LATER)
    parcel.refresh_from_db()
    assert (Package.objects.get(pk=one.id).state, parcel.state) == (900, "CREATED")
    assert (Package.objects.values().get(pk=two.id), events_of(two.id), log_of(two.id)) == before
    run_command(two.id, slug="cancel-from-packed", now=LATER)
    parcel.refresh_from_db()
    assert parcel.state == "DELETED"
    assert check() == []

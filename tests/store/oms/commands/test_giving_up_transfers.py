"""A package given up ends its transfers that have not left, and their goods are free at the source."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.stock.queries import check
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.domain.changes import NewTransfer
from ambar.oms.transfers.models import Transfer
from tests.worlds.oms_records import T0, World, balances, build, package, quota

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(minutes=5)


def waiting_for_transfer(world: World, state: int):
    """A package at WH1 whose only item comes from ST1, where it is reserved for the transfer."""
    made = package(world, state=state, lines=(("SKU-A", 2),), reserved_at=None)
    item = PackageItem.objects.get(package_id=made.id)
    with transaction.atomic():
        (way,) = transfers.create(
            [
                NewTransfer(
                    order_id=item.order_id,
                    package_id=made.id,
                    source_id=world.locations["ST1"],
                    destination_id=world.locations["WH1"],
                    items=((item.pk, item.order_item_id, item.product_id, item.quantity),),
                )
            ],
            now=T0,
        )
        line = ReserveLine(
            location_id=world.locations["ST1"],
            product_id=item.product_id,
            quantity=item.quantity,
            holder_kind="transfer_item",
            holder_id=way.item_ids[0],
        )
        stock.reserve([line], reason="plan", cause=None, now=T0)
    return made, way


@pytest.fixture
def world(db: None) -> World:
    return build()


def test_refusing_cancels_the_open_transfer_and_frees_its_source(world):
    reason = PackageDenialReason.objects.create(title="Closed", created_at=T0, modified_at=T0)
    made, way = waiting_for_transfer(world, 150)
    assert balances(world, "ST1")["SKU-A"] == (Decimal(100), Decimal(2))
    run_command(
        made.id,
        slug="refuse-from-waiting-remote-action",
        parameters={"denial_reason": reason.pk},
        now=LATER,
    )
    assert Transfer.objects.get(pk=way.id).state == "cancelled"
    assert balances(world, "ST1")["SKU-A"] == (Decimal(100), Decimal(0))
    assert check() == []


def test_planning_by_hand_ends_the_wait_for_a_transfer(world):
    made, way = waiting_for_transfer(world, 300)
    run_command(
        made.id,
        slug="manual-planning-from-waiting-for-transfer",
        parameters={"assignment_groups": [[*made.item_ids, "ST1"]]},
        now=LATER,
    )
    assert Transfer.objects.get(pk=way.id).state == "cancelled"
    assert balances(world, "ST1")["SKU-A"] == (Decimal(100), Decimal(2))
    assert Package.objects.exclude(pk=made.id).get().location_id == world.locations["ST1"]
    assert quota(world) == {"WH1": 0, "ST1": 1}
    assert check() == []


def test_when_planning_by_hand_is_refused_the_transfer_goes_on(world):
    from ambar.kit.refusals import Conflict

    made, way = waiting_for_transfer(world, 300)
    package(world, lines=(("SKU-A", 99),))
    with pytest.raises(Conflict):
        run_command(
            made.id,
            slug="manual-planning-from-waiting-for-transfer",
            parameters={"assignment_groups": [[*made.item_ids, "WH1"]]},
            now=LATER,
        )
    assert Transfer.objects.get(pk=way.id).state == "waiting"
    assert balances(world, "ST1")["SKU-A"] == (Decimal(100), Decimal(2))
    assert Package.objects.get(pk=made.id).state == 300

"""What changed of a package while its state stayed reaches the Seller Center at once, and nobody else hears a state twice."""

from __future__ import annotations

import pytest

from ambar.kit import accounts
from ambar.kit.outbox.models import Delivery, Hook
from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.orders import cancellation_store
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan, IncomingPlanItem
from ambar.oms.packages.models import Package
from tests.worlds import oms_books as books
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, events_of, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
TRANSITIONED = "package.status.transitioned"


def run(row, slug, **parameters):
    answer = caller("planner").post(f"/packages/{row.id}/command/", {"slug": slug, **parameters})
    assert answer.status_code == 204, answer.content


def shop(event_type):
    """Somebody else who hears of packages."""
    user = accounts.ensure_user("shop", "a-long-password", [], {})
    return Hook.objects.create(
        user=user, target_url="https://shop.example/hear", event_type=event_type, created_at=T0, modified_at=T0,
        retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}},
    )  # fmt: skip


def test_a_late_invoice_is_known_there_without_another_status(world, partner):
    other = shop("package.status.packed")
    row = package(world)
    run(row, "complete-packaging-from-waiting")
    partner.hear()
    told = len(events_of(row.id, "package"))

    run(row, "update-invoice-packed", invoice_number="F-LATE-1")

    fresh = events_of(row.id, "package")[told:]
    assert fresh == [(TRANSITIONED, told + 1), ("package.status.packed", told + 2)]
    assert partner.hear() == 1
    known = partner.packages[row.number]
    assert (known["invoice_number"], known["state"], known["sequence"]) == ("F-LATE-1", 500, told + 2)
    assert Delivery.objects.filter(hook=other).count() == 1
    stands = Package.objects.get(pk=row.id)
    assert (stands.told_state, stands.told_sequence, stands.sequence) == (500, told + 2, told + 2)


def test_of_a_state_without_an_event_of_its_own_the_whole_package_is_told(world, partner):
    row = package(world)
    partner.hear()
    swap = [{"package_item": row.item_ids[0], "sku": "SKU-B"}]
    run(row, "replace-product-waiting", replacement_products=swap)
    assert partner.hear() == 1
    known = partner.packages[row.number]
    assert ({line["sku"] for line in known["items"]}, known["state"]) == ({"SKU-B"}, 100)
    assert events_of(row.id)[-1][0] == "package.created"


def test_another_carrier_and_number_are_told_too(world, partner):
    row = package(world, lines=[("SKU-A", 3)])
    run(row, "complete-packaging-with-shipment-from-waiting")
    partner.hear()
    run(row, "shipment-info-packed", tracking_number="T-2", shipping_company="aras")
    assert partner.hear() == 1
    assert partner.packages[row.number]["shipping_company"] == "aras"


def test_where_no_seller_center_is_set_up_everybody_hears_the_one_event(world):
    row = package(world)
    run(row, "complete-packaging-from-waiting")
    told = len(events_of(row.id, "package"))
    run(row, "update-invoice-packed", invoice_number="F-LATE-1")
    assert events_of(row.id, "package")[told:] == [(TRANSITIONED, told + 1)]
    assert books.wrong() == {}


def test_goods_nobody_waits_for_any_more_are_known_there_though_the_move_has_no_event(world, partner):
    """What came from elsewhere is cancelled: the package goes from Waiting for Transfer to Waiting, with less."""
    row, _ = waiting_package(world)
    partner.hear()
    order = Package.objects.get(pk=row.id).order
    brought = order.orderitem_set.latest("pk")
    wish = IncomingCancellationPlan(
        source=order.source, upstream_id=1, order_upstream_id=order.upstream_id, plan_type="cancel", status="waiting",
        upstream_modified_at=T0, items=(IncomingPlanItem(order_item=brought.upstream_id),),
    )  # fmt: skip
    cancellation_store.upsert_cancellation_plans([wish], now=T0)
    decide_cancellations(limit=10, now=T0)
    assert Package.objects.get(pk=row.id).state == 100
    assert partner.hear() == 1
    known = partner.packages[row.number]
    assert ({line["sku"] for line in known["items"]}, known["state"]) == ({"SKU-A"}, 100)

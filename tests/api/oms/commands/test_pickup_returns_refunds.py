"""Packed for Refund, Ready for Pickup, Self Service Delivery, Channel Based Complete Packaging, Receive Return."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ambar.kit.accounts.models import AuditEntry
from ambar.oms.app_settings.actions import set_value
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages import pickup_codes
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.shipments.models import Shipment
from ambar.oms.states.models import TransitionLog
from tests.worlds import oms_books as books
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, balances, build, events_of, package

pytestmark = pytest.mark.django_db
LINES = (("SKU-A", 2), ("SKU-B", 3))


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def floor(world):
    return caller("planner")


def run(floor, made, slug, **parameters):
    return floor.post(f"/packages/{made.id}/command/", {"slug": slug, **parameters})


def through(floor, made, *slugs):
    for slug in slugs:
        answer = run(floor, made, slug)
        assert answer.status_code == 204, answer.content


def state_of(made) -> int:
    return Package.objects.get(pk=made.id).state


def on_hand(world, sku: str) -> Decimal:
    return balances(world)[sku][0]


def items_of(made) -> list[int]:
    return list(PackageItem.objects.filter(package_id=made.id).order_by("id").values_list("id", flat=True))


def test_a_package_packed_for_refund_gives_its_stock_back_and_refunds_its_items(world, floor):
    made = package(world, lines=LINES)
    through(floor, made, "packed-for-refund-from-waiting")
    assert state_of(made) == 1100
    assert books.wrong() == {}
    assert {reserved for _, reserved in balances(world).values()} == {0}
    assert set(OrderItem.objects.filter(packageitem__package_id=made.id).values_list("state", flat=True)) == {
        600
    }
    assert Order.objects.get(package__id=made.id).state == 600
    told = [name for name, _ in events_of(made.id, "package")]
    assert sorted(told[-2:]) == ["package.status.packed_for_refund", "package.status.transitioned"]


def test_units_in_no_package_yet_are_still_planned_after_a_refund_of_the_others(world, floor):
    made = package(world, lines=LINES)
    first = OrderItem.objects.filter(packageitem__package_id=made.id).order_by("id").first()
    OrderItem.objects.filter(pk=first.pk).update(quantity=5)
    through(floor, made, "packed-for-refund-from-waiting")
    states = dict(OrderItem.objects.filter(order_id=first.order_id).values_list("pk", "state"))
    assert states.pop(first.pk) == 400
    assert set(states.values()) == {600}
    assert Order.objects.get(pk=first.order_id).state != 600


def test_what_is_out_of_stock_is_refunded_too(world, floor):
    made = package(world, lines=LINES, state=920)
    through(floor, made, "packed-for-refund-from-out-of-stock")
    assert (state_of(made), books.wrong()) == (1100, {})


def test_a_packed_package_is_not_packed_for_refund(world, floor):
    made = package(world, lines=LINES)
    through(floor, made, "complete-packaging-from-waiting")
    answer = run(floor, made, "packed-for-refund-from-waiting")
    assert answer.status_code == 400
    assert state_of(made) == 500


def test_a_customer_collects_against_the_code_only(world, floor):
    made = package(world, lines=LINES)
    through(floor, made, "complete-packaging-from-waiting", "ready-for-pickup-from-packed")
    code = floor.get(f"/packages/{made.id}/pickup-code/").json()["pickup_code"]
    assert len(code) == 8
    assert code not in Package.objects.get(pk=made.id).pickup_code_sealed
    assert AuditEntry.objects.filter(action="package.pickup_code", object_id=made.id).count() == 1
    missing, wrong = (
        run(floor, made, "self-service-delivery"),
        run(floor, made, "self-service-delivery", pickup_code="WRONG234"),
    )
    assert (missing.status_code, missing.json()) == (400, {"pickup_code": ["This field is required."]})
    assert wrong.json() == {"pickup_code": [f"This is not the code of package {made.number}."]}
    assert state_of(made) == 620
    shown = f"{code[:4].lower()} {code[4:]}"
    assert run(floor, made, "self-service-delivery", pickup_code=shown).status_code == 204
    assert state_of(made) == 700
    assert set(OrderItem.objects.filter(packageitem__package_id=made.id).values_list("state", flat=True)) == {
        550
    }


def test_the_code_may_be_one_the_customer_has_already(world, floor):
    made = package(world, lines=LINES)
    through(floor, made, "complete-packaging-from-waiting")
    short = run(floor, made, "ready-for-pickup-from-packed", pickup_code="12")
    assert short.status_code == 400 and "pickup_code" in short.json()
    assert run(floor, made, "ready-for-pickup-from-packed", pickup_code="445566").status_code == 204
    assert pickup_codes.read([made.id]) == {made.id: "445566"}
    assert run(floor, made, "self-service-delivery", pickup_code="445566").status_code == 204


def test_the_code_is_in_no_event(world, floor):
    made = package(world, lines=LINES)
    through(floor, made, "complete-packaging-from-waiting")
    run(floor, made, "ready-for-pickup-from-packed", pickup_code="SECRET-445566")
    from ambar.kit.outbox.models import Event

    assert Event.objects.filter(aggregate_id=made.id).count() > 2
    assert [e for e in Event.objects.all() if b"SECRET-445566" in bytes(str(e.payload), "utf-8")] == []
    record = floor.get(f"/packages/{made.id}/").content
    assert b"SECRET-445566" not in record


def test_an_operator_of_another_location_never_learns_the_code(world, floor):
    made = package(world, lines=LINES)
    through(floor, made, "complete-packaging-from-waiting", "ready-for-pickup-from-packed")
    other = caller("location_operator", location_ids=[world.locations["ST1"]])
    path = f"/packages/{made.id}/pickup-code/"
    assert other.get(path).status_code == 404
    assert other.get(path).content == other.get("/packages/999999/pickup-code/").content


def test_the_channel_decides_whether_a_carrier_is_asked(world, floor):
    by_hand, by_carrier = package(world, lines=LINES), package(world, lines=LINES)
    through(floor, by_hand, "channel-based-complete-packaging-from-waiting")
    assert Shipment.objects.count() == 0
    channel = Package.objects.get(pk=by_carrier.id).channel.name
    set_value.create("CHANNEL_PACKING_SETTINGS", {"channels_with_shipment": [channel]}, now=T0)
    through(floor, by_carrier, "channel-based-complete-packaging-from-waiting")
    assert Shipment.objects.filter(packages=by_carrier.id).count() == 1
    assert (state_of(by_hand), state_of(by_carrier), books.wrong()) == (500, 500, {})


@pytest.fixture
def back(world, floor):
    made = package(world, lines=LINES)
    through(
        floor,
        made,
        "complete-packaging-from-waiting",
        "shipment-order",
        "delivery-failed",
        "returned-from-delivery-failed",
    )
    return made


def test_what_is_put_away_lies_on_hand_again_once(world, floor, back):
    before = on_hand(world, "SKU-A"), on_hand(world, "SKU-B")
    first, second = items_of(back)
    assert run(floor, back, "receive-return", package_items=[first]).status_code == 204
    assert (on_hand(world, "SKU-A"), on_hand(world, "SKU-B")) == (before[0] + 2, before[1])
    again = run(floor, back, "receive-return", package_items=[first])
    assert (again.status_code, again.json()) == (
        400,
        {"package_items": [f"Item {first} has been received already."]},
    )
    assert on_hand(world, "SKU-A") == before[0] + 2
    part = [{"package_item": second, "quantity": "1"}]
    lost = run(floor, back, "receive-return", package_items=part, outcome="written_off", note="wet")
    assert lost.status_code == 204
    assert on_hand(world, "SKU-B") == before[1]
    assert run(floor, back, "receive-return", package_items=[second]).status_code == 204
    assert on_hand(world, "SKU-B") == before[1] + 2
    assert books.wrong() == {}
    item = floor.get(f"/packages/package-items/{second}/").json()
    assert item["returned"] == {"put_away": "2.00", "written_off": "1.00"}
    told = TransitionLog.objects.filter(kind="package", object_id=back.id).order_by("id").last().attributes
    assert told["received"] == [{"package_item": second, "quantity": "2.00"}]
    assert state_of(back) == 740


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ([987654], "987654 is not an item of package {number}."),
        (["first", "first"], "Item {first} is named twice."),
        ([{"package_item": "first", "quantity": "2.5"}], "Only 2.00 of item {first} are still awaited."),
    ],
)
def test_a_return_that_does_not_add_up_is_refused_and_changes_nothing(world, floor, back, sent, reason):
    first = items_of(back)[0]

    def filled(entry):
        if isinstance(entry, dict):
            return {**entry, "package_item": first}
        return first if entry == "first" else entry

    before = books.picture()
    answer = run(floor, back, "receive-return", package_items=[filled(entry) for entry in sent])
    assert answer.status_code == 400
    assert answer.json() == {"package_items": [reason.format(first=first, number=back.number)]}
    assert books.picture() == before

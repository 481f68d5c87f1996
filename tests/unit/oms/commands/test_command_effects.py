"""Each command, run for real: log, events, quota, stock, order items; and what refuses leaves everything alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from ambar.kit.refusals import Conflict, Invalid, NotFound
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.shipments.models import Shipment, ShipmentPackage
from ambar.oms.states.models import StateTransition
from tests.worlds.oms_records import (
    T0,
    World,
    balances,
    build,
    events_of,
    ledger,
    log_of,
    package,
    picture,
    quota,
)

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(minutes=5)
PLAIN, PACK = "PKG_STATE_TRANSITION", "CompletePackagingWithoutShipmentCommand"


@pytest.fixture
def world(db: None) -> World:
    return build()


def run(package_id: int, slug: str, **parameters):
    return run_command(package_id, slug=slug, parameters=parameters, user_id=5, now=LATER)


def move_to(package_id: int, *slugs: str) -> None:
    for slug in slugs:
        run(package_id, slug)


def item_states(package_id: int) -> set[int]:
    return set(PackageItem.objects.filter(package_id=package_id).values_list("state", flat=True))


def test_deallocate_consumes_stock_once_and_starts_preparing(world):
    made = package(world)
    assert balances(world) == {"SKU-A": (Decimal(100), Decimal(1)), "SKU-B": (Decimal(100), Decimal(1))}
    verdict = run(made.id, "deallocate-reservations")
    assert verdict.state == 200
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.sequence, row.modified_at, row.sync_pending_at) == (200, 3, LATER, LATER)
    assert item_states(made.id) == {200}
    assert log_of(made.id) == [(None, "100", "PLANNING"), ("100", "200", "PKG_DEALLOCATE_RESERVATIONS")]
    assert events_of(made.id) == [
        ("package.created", 1), ("package.status.preparing", 2), ("package.status.transitioned", 3),
    ]  # fmt: skip
    assert balances(world) == {"SKU-A": (Decimal(99), Decimal(0)), "SKU-B": (Decimal(99), Decimal(0))}
    assert ledger("consume") == [(item, Decimal(-1)) for item in made.item_ids]
    assert quota(world) == {"WH1": 1, "ST1": 0}
    assert set(OrderItem.objects.values_list("state", flat=True)) == {400}


def test_packing_after_deallocation_does_not_consume_again(world):
    made = package(world)
    move_to(made.id, "deallocate-reservations", "complete-packaging-from-preparing")
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.sequence, row.packaged_at) == (500, 5, LATER)
    assert [kind for kind, _ in events_of(made.id)][-2:] == [
        "package.status.packed",
        "package.status.transitioned",
    ]
    assert ledger("consume") == [(item, Decimal(-1)) for item in made.item_ids]
    assert balances(world) == {"SKU-A": (Decimal(99), Decimal(0)), "SKU-B": (Decimal(99), Decimal(0))}
    assert quota(world) == {"WH1": 0, "ST1": 0}
    assert set(OrderItem.objects.values_list("state", flat=True)) == {450}
    assert Order.objects.get(pk=row.order_id).state == 450
    assert not Shipment.objects.exists()


@pytest.mark.parametrize(
    ("before", "slug"),
    [
        ((), "complete-packaging-from-waiting"),
        (("deallocate-reservations", "ready-for-packaging"), "complete-packaging-from-ready"),
        ((), "complete-packaging-with-shipment-from-waiting"),
        (("deallocate-reservations",), "complete-packaging-with-shipment-from-preparing"),
    ],
)
def test_packing_from_each_source_consumes_exactly_once(world, before, slug):
    made = package(world)
    move_to(made.id, *before, slug)
    assert Package.objects.get(pk=made.id).state == 500
    assert sum(quantity for _, quantity in ledger("consume")) == Decimal(-2)
    assert quota(world) == {"WH1": 0, "ST1": 0}


@pytest.mark.parametrize("slug", ["complete-packaging-from-waiting", "deallocate-reservations"])
@pytest.mark.parametrize("reserved_at", [None, "ST1"])
def test_packing_where_nothing_is_reserved_is_refused_naming_the_moving_command(world, slug, reserved_at):
    made = package(world, reserved_at=reserved_at)
    before = picture(made.id)
    with pytest.raises(Conflict) as refusal:
        run(made.id, slug)
    answer = refusal.value.as_dict()
    assert answer["code"] == "package_without_reservation"
    assert answer["moving_command"] == "MANUAL_PLANNING"
    assert "MANUAL_PLANNING" in answer["en"]
    assert answer["package_items"] == list(made.item_ids)
    assert answer["reserved_at"] == ([world.locations["ST1"]] if reserved_at else [])
    assert picture(made.id) == before


def test_shipment_order_records_the_parcel_with_its_tracking_number(world):
    made = package(world)
    move_to(made.id, "deallocate-reservations", "complete-packaging-from-preparing")
    run(made.id, "shipment-order", tracking_number="TR1", shipping_company="aras", query_number="Q1")
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.shipped_at, row.shipping_company) == (600, LATER, "aras")
    shipment = Shipment.objects.get()
    assert (shipment.awb_number, shipment.query_number, shipment.cargo_company) == ("TR1", "Q1", "aras")
    assert (shipment.state, shipment.tracking_numbers) == ("SHIPPING", ["TR1"])
    assert list(ShipmentPackage.objects.values_list("package_id", flat=True)) == [made.id]
    assert events_of(made.id)[-3:] == [
        ("package.status.shipped", 6), ("package.status.transitioned", 7), ("package.shipment.awb_number", 8),
    ]  # fmt: skip
    assert events_of(shipment.pk, "shipment") == [("shipment.created", 1)]
    assert set(OrderItem.objects.values_list("state", flat=True)) == {500}


def test_shipment_order_needs_no_data(world):
    made = package(world)
    move_to(made.id, "complete-packaging-from-waiting", "shipment-order")
    assert Shipment.objects.get().cargo_company == "yurtici"
    assert [kind for kind, _ in events_of(made.id)][-2:] == [
        "package.status.shipped",
        "package.status.transitioned",
    ]


@pytest.mark.parametrize(
    ("way", "slug"),
    [
        ((), "delivered-from-shipped"),
        (("attempted-delivery",), "delivered-from-attempted-delivery"),
        (("delivery-failed",), "delivered-from-delivery-failed"),
    ],
)
def test_delivery_from_each_source(world, way, slug):
    made = package(world)
    move_to(made.id, "complete-packaging-from-waiting", "shipment-order", *way, slug)
    assert Package.objects.get(pk=made.id).state == 700
    shipment = Shipment.objects.get()
    assert (shipment.state, shipment.delivered_at) == ("DELIVERED", LATER)
    assert [kind for kind, _ in events_of(made.id)][-2:] == [
        "package.status.delivered",
        "package.status.transitioned",
    ]
    assert events_of(shipment.pk, "shipment") == [("shipment.created", 1), ("shipment.status.updated", 2)]
    assert set(OrderItem.objects.values_list("state", flat=True)) == {550}
    assert Order.objects.get().state == 550


@pytest.mark.parametrize(
    ("state", "way", "block", "unblock", "counted"),
    [
        (100, (), "block-from-waiting", "unblock-to-waiting", 1),
        (150, (), "block-from-waiting-remote-action", "unblock-to-waiting-remote-action", 1),
        (200, (), "block-from-preparing", "unblock-to-preparing", 1),
        (200, ("ready-for-packaging",), "block-from-ready", "unblock-to-ready", 0),
    ],
)
def test_block_keeps_reservations_and_unblock_returns(world, state, way, block, unblock, counted):
    made = package(world, state=state)
    move_to(made.id, *way)
    former = Package.objects.get(pk=made.id).state
    run(made.id, block, user="instore-7", token="secret-token")
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.previous_state) == (930, former)
    assert quota(world) == {"WH1": counted, "ST1": 0}
    assert balances(world) == {"SKU-A": (Decimal(100), Decimal(1)), "SKU-B": (Decimal(100), Decimal(1))}
    assert log_of(made.id)[-1] == (str(former), "930", "BlockThePackageCommand")
    run(made.id, unblock)
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.previous_state) == (former, None)
    assert quota(world) == {"WH1": counted, "ST1": 0}
    assert ledger("consume") == []


def test_the_token_of_a_block_is_not_kept(world):
    from ambar.oms.states.models import TransitionLog

    made = package(world)
    run(made.id, "block-from-waiting", user="instore-7", token="secret-token")
    attributes = TransitionLog.objects.filter(object_id=made.id).latest("id").attributes
    assert attributes == {
        "remote_user_pk": "instore-7",
        "command.slug": "BlockThePackageCommand",
        "transition.slug": "block-from-waiting",
        "command.transition_id": StateTransition.objects.get(slug="block-from-waiting").pk,
    }


def test_unblock_to_another_state_is_refused(world):
    made = package(world)
    run(made.id, "block-from-waiting")
    before = picture(made.id)
    with pytest.raises(Conflict) as refusal:
        run(made.id, "unblock-to-preparing")
    assert refusal.value.as_dict() == {
        "code": "package_blocked_from_other_state",
        "en": f"{made.number} was blocked from 100; it returns there only.",
        "former_state": "100",
    }
    assert picture(made.id) == before


def test_a_plain_transition_only_moves_the_state(world):
    made = package(world, state=150)
    run(made.id, "remote-action-done")
    assert Package.objects.get(pk=made.id).state == 100
    assert events_of(made.id) == [("package.created", 1), ("package.status.transitioned", 2)]
    assert log_of(made.id)[-1] == ("150", "100", PLAIN)
    assert ledger("consume") == []
    assert quota(world) == {"WH1": 1, "ST1": 0}


def test_plain_move_to_ready_frees_the_quota(world):
    made = package(world)
    move_to(made.id, "deallocate-reservations", "ready-for-packaging")
    assert quota(world) == {"WH1": 0, "ST1": 0}


def test_sync_parameter_false_leaves_the_status_upstream_alone(world):
    StateTransition.objects.filter(slug="deallocate-reservations").update(
        parameters={"sync_remote_order_status": False}
    )
    made = package(world)
    run(made.id, "deallocate-reservations")
    assert Package.objects.get(pk=made.id).sync_pending_at is None


def test_an_order_in_two_packages_moves_with_the_slower_one(world):
    from ambar.oms.packages import store as packages
    from ambar.oms.packages.domain.changes import NewPackage
    from ambar.oms.stock import store as stock
    from ambar.oms.stock.domain.reservations import ReserveLine
    from tests.worlds.oms_records import take

    order_id = take(world, lines=[("SKU-A", 2)])
    item = OrderItem.objects.get(order_id=order_id)
    at = world.locations["WH1"]
    made = packages.create(
        [
            NewPackage(
                order_id=order_id, location_id=at, state=100, items=((item.pk, item.product_id, Decimal(1)),)
            )
        ]
        * 2,
        now=T0,
    )
    assert [m.number[-2:] for m in made] == ["P1", "P2"]
    stock.reserve(
        [
            ReserveLine(
                location_id=at,
                product_id=item.product_id,
                quantity=Decimal(1),
                holder_kind="package_item",
                holder_id=m.item_ids[0],
            )
            for m in made
        ],
        reason="plan",
        cause=None,
        now=T0,
    )
    from ambar.oms.locations import store as locations

    locations.move_quota({at: 2})
    move_to(made[0].id, "complete-packaging-from-waiting", "shipment-order", "delivered-from-shipped")
    item.refresh_from_db()
    assert item.state == 400
    move_to(made[1].id, "complete-packaging-from-waiting")
    item.refresh_from_db()
    assert item.state == 450
    move_to(made[1].id, "shipment-order")
    item.refresh_from_db()
    assert item.state == 500
    move_to(made[1].id, "delivered-from-shipped")
    item.refresh_from_db()
    assert item.state == 550
    assert Package.objects.get(pk=made[0].id).amount == Decimal("100.00")


ALL_SLUGS = list(__import__("ambar.oms.states.domain.seed", fromlist=["seed"]).PACKAGE_TRANSITIONS)
NEEDED = {
    "REFUSE_CANCELLATION": {"reason": "Sent all the same."},
    "REFUSE_WITH_DENIAL_REASON": {"denial_reason": 1},
    "ShipThePackageAdvancedCommand": {"tracking_number": "TR1", "shipping_company": "aras"},
    "UpdateShipmentInfoOfThePackageCommand": {"tracking_number": "TR1"},
    "MANUAL_PLANNING": {"assignment_groups": [[1, "WH1"]]},
    "DETECTED_OUT_OF_STOCK_ITEM": {"package_items": [1]},
    "DetectedOutOfStockItemCommandAdvanced": {"package_items": [1]},
    "RECEIVE_RETURN": {"package_items": [1]},
    "SPLIT_PACKAGE": {"package_items": [1]},
    "MERGE_PACKAGES": {"packages": [1]},
    "MOVE_RESERVATION": {"to_package": 1},
    "REPLACE_PRODUCT": {"replacement_products": [{"package_item": 1, "sku": "SKU-B"}]},
    "PREPARE_PACKAGE_COMMAND": {"select_items_by_omnitron_id": False},
}


@pytest.mark.parametrize("row", ALL_SLUGS, ids=[row[0] for row in ALL_SLUGS])
def test_bad_input_changes_nothing(world, row):
    """Every transition: wrong state, unknown field, wrong type, unknown package, twice."""
    slug, _, _, code, source, _ = row
    state, name = (920, "Out of Stock") if source == "910" else (910, "Needs Rescheduling")
    given = NEEDED.get(code, {})
    wrong = package(world, state=state, reserved_at=None)
    before = picture(wrong.id)
    with pytest.raises(Invalid) as stale:
        run(wrong.id, slug, **given)
    assert list(stale.value.fields) == ["transition"]
    assert f"{name} ({state}) now; this transition starts from" in stale.value.fields["transition"][0]
    assert f"({source})" in stale.value.fields["transition"][0]
    with pytest.raises(Invalid) as unknown_field:
        run(wrong.id, slug, **given, colour="red")
    assert unknown_field.value.fields == {"colour": ["Unknown field."]}
    with pytest.raises(NotFound):
        run(wrong.id + 1_000_000, slug, **given)
    assert picture(wrong.id) == before


@pytest.mark.parametrize(
    ("slug", "parameters", "field"),
    [
        ("block-from-waiting", {"user": 5}, "user"),
        ("block-from-waiting", {"user": "x" * 200}, "user"),
        ("block-from-waiting", {"token": ["a"]}, "token"),
        ("shipment-order", {"tracking_number": ""}, "tracking_number"),
        ("shipment-order", {"tracking_number": 12}, "tracking_number"),
        ("shipment-order", {"tracking_number": "x" * 257}, "tracking_number"),
        ("shipment-order", {"shipping_company": {"a": 1}}, "shipping_company"),
        ("shipment-order", {"query_number": "a\x00b"}, "query_number"),
    ],
)
def test_wrong_typed_parameters_name_their_field(world, slug, parameters, field):
    made = package(world)
    if slug == "shipment-order":
        move_to(made.id, "complete-packaging-from-waiting")
    before = picture(made.id)
    with pytest.raises(Invalid) as refusal:
        run(made.id, slug, **parameters)
    assert list(refusal.value.fields) == [field]
    assert picture(made.id) == before


def test_running_twice_is_refused_with_the_new_state(world):
    made = package(world)
    run(made.id, "deallocate-reservations")
    before = picture(made.id)
    with pytest.raises(Invalid) as refusal:
        run(made.id, "deallocate-reservations")
    assert refusal.value.fields == {
        "transition": ["The package is in Preparing (200) now; this transition starts from Waiting (100)."]
    }
    assert picture(made.id) == before


def test_unknown_transitions_are_refused(world):
    made = package(world)
    for given, field in (
        ({"slug": "no-such"}, "slug"),
        ({"transition_id": 10**9}, "transition"),
        ({}, "transition"),
    ):
        with pytest.raises(Invalid) as refusal:
            run_command(made.id, now=LATER, **given)
        assert list(refusal.value.fields) == [field]
    both = StateTransition.objects.get(slug="block-from-waiting").pk
    with pytest.raises(Invalid):
        run_command(made.id, slug="shipment-order", transition_id=both, now=LATER)


def test_a_transition_that_does_not_fit_its_command_is_refused_at_run_time(world):
    made = package(world)
    StateTransition.objects.filter(slug="block-from-waiting").update(command_code=PACK)
    with pytest.raises(Invalid) as refusal:
        run(made.id, "block-from-waiting")
    assert list(refusal.value.fields) == ["destination_state"]
    assert Package.objects.get(pk=made.id).state == 100


def test_an_inactive_transition_does_not_exist(world):
    made = package(world)
    StateTransition.objects.filter(slug="block-from-waiting").update(is_active=False)
    with pytest.raises(Invalid):
        run(made.id, "block-from-waiting")


def test_foreign_packages_answer_like_missing_ones(world):
    made = package(world)
    before = picture(made.id)
    with pytest.raises(NotFound):
        run_command(
            made.id, slug="deallocate-reservations", location_ids=(world.locations["ST1"],), now=LATER
        )
    with pytest.raises(NotFound):
        run_command(made.id, slug="deallocate-reservations", location_ids=(), now=LATER)
    assert picture(made.id) == before


def test_bulk_gives_each_package_its_verdict_and_moves_the_rest(world):
    first, second, bare = package(world), package(world, at="ST1"), package(world, reserved_at=None)
    moved = package(world, state=910, reserved_at=None)
    ids = [first.id, bare.id, second.id, moved.id, 10**9, first.id]
    verdicts = run_many("complete-packaging-from-waiting", ids, now=LATER)
    assert [v.id for v in verdicts] == ids
    assert [v.refusal and v.refusal.code for v in verdicts] == [
        None, "package_without_reservation", None, "invalid", "not_found", "invalid",
    ]  # fmt: skip
    assert list(Package.objects.order_by("id").values_list("state", flat=True)) == [500, 500, 100, 910]
    assert quota(world) == {"WH1": 1, "ST1": 0}
    assert len(ledger("consume")) == 4
    for done in (first, second):
        assert [kind for kind, _ in events_of(done.id)] == [
            "package.created", "package.status.packed", "package.status.transitioned",
        ]  # fmt: skip


def test_a_command_costs_few_statements_however_many_packages(world, django_assert_max_num_queries):
    ids = [package(world).id for _ in range(12)]
    with django_assert_max_num_queries(24):
        verdicts = run_many("complete-packaging-from-waiting", ids, now=LATER)
    assert {v.state for v in verdicts} == {500}


def test_at_a_location_with_an_outside_engine_stock_is_released_not_consumed(world):
    from ambar.oms.locations.models import StockLocation

    made = package(world)
    StockLocation.objects.filter(pk=world.locations["WH1"]).update(engine_id=7)
    move_to(made.id, "deallocate-reservations", "complete-packaging-from-preparing")
    assert ledger("consume") == []
    assert ledger("release") == [(item, Decimal(-1)) for item in made.item_ids]
    assert balances(world) == {"SKU-A": (Decimal(100), Decimal(0)), "SKU-B": (Decimal(100), Decimal(0))}
    assert Package.objects.get(pk=made.id).state == 500


def test_after_a_whole_day_the_ledger_explains_every_balance(world):
    from ambar.oms.stock.queries import check

    for _ in range(3):
        made = package(world)
        move_to(made.id, "deallocate-reservations", "complete-packaging-from-preparing", "shipment-order")
    package(world, at="ST1")
    assert check() == []

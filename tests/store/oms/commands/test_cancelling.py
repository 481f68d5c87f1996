"""Cancellations: plans of upstream, newer versions and the floor's own, from the wish to the books."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from ambar.kit.refusals import Refusal
from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.orders import cancellation_store, intake_store
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan, IncomingPlanItem
from ambar.oms.orders.models import (
    CancellationPart,
    CancellationPlan,
    CancellationRequest,
    Order,
    OrderItem,
)
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.stock.models import LedgerEntry
from ambar.oms.transfers.models import Transfer
from tests.worlds.callers import caller
from tests.worlds.oms_records import (
    T0,
    balances,
    build,
    events_of,
    incoming,
    log_of,
    package,
    quota,
    take,
)
from tests.worlds.oms_transfers import waiting_package
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
FIVE = (("SKU-A", 3), ("SKU-B", 2))


@pytest.fixture
def world(db):
    return build()


def plan(order_id, *items, pk=1, kind="cancel", status="waiting", at=T0):
    """Take a plan for (line number, quantity or None) of the order; none = the whole order."""
    order = Order.objects.get(pk=order_id)
    lines = list(OrderItem.objects.filter(order=order).order_by("id").values_list("upstream_id", flat=True))
    cancellation_store.upsert_cancellation_plans(
        [
            IncomingCancellationPlan(
                source=order.source,
                upstream_id=pk,
                order_upstream_id=order.upstream_id,
                plan_type=kind,
                status=status,
                upstream_modified_at=at,
                items=tuple(
                    IncomingPlanItem(order_item=lines[n], reason="changed mind", quantity=q and Decimal(q))
                    for n, q in items
                ),
            )
        ],
        now=T0,
    )


def decide(now=T0):
    return decide_cancellations(limit=100, now=now)


def run(package_id, slug, **parameters):
    return run_command(package_id, slug=slug, parameters=parameters, now=T0).state


def packed(world, lines=FIVE, **given):
    made = package(world, lines=lines, **given)
    run(made.id, "complete-packaging-from-waiting")
    return made


def contents(package_id):
    return [
        (int(item.quantity), int(item.cancelled_quantity), item.state)
        for item in PackageItem.objects.filter(package_id=package_id).order_by("id")
    ]


def answer(pk=1):
    row = CancellationPlan.objects.get(upstream_id=pk)
    return (row.state, row.answer, row.answer_due_at is not None)


def requests():
    return list(
        CancellationRequest.objects.order_by("id").values_list(
            "origin", "status", "quantity", "open_quantity"
        )
    )


def lines_of(order_id):
    rows = OrderItem.objects.filter(order_id=order_id).order_by("id")
    return [(int(row.quantity), int(row.cancelled_quantity), row.state) for row in rows]


def test_a_whole_order_that_is_not_packed_is_cancelled_at_once(world):
    made = package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    assert (balances(world)["SKU-A"], quota(world)["WH1"]) == ((100, 3), 1)
    plan(order_id)
    assert decide() == 1
    row = Package.objects.get(pk=made.id)
    assert (row.state, contents(made.id)) == (900, [(3, 0, 900), (2, 0, 900)])
    assert balances(world) == {"SKU-A": (100, 0), "SKU-B": (100, 0)}
    assert quota(world)["WH1"] == 0
    assert lines_of(order_id) == [(3, 3, 100), (2, 2, 100)]
    order = Order.objects.get()
    assert (order.state, order.cancelled_amount) == (100, Decimal("500.00"))
    assert answer() == ("done", "completed", True)
    assert [name for name, _ in events_of(made.id)][1:] == [
        "package.status.cancelled",
        "package.status.transitioned",
    ]
    assert log_of(made.id)[-1] == ("100", "900", "CANCELLATION")
    assert row.sync_pending_at is None


def test_part_of_a_line_is_taken_off_and_the_package_lives_on_with_less(world):
    made = package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 2))
    decide()
    row = Package.objects.get()
    assert (row.state, row.amount, contents(made.id)) == (100, Decimal("300.00"), [(1, 2, 100), (2, 0, 100)])
    assert balances(world) == {"SKU-A": (100, 1), "SKU-B": (100, 2)}
    assert (quota(world)["WH1"], lines_of(order_id)) == (1, [(3, 2, 400), (2, 0, 400)])
    assert Order.objects.get().cancelled_amount == Decimal("200.00")
    assert [name for name, _ in events_of(made.id)] == ["package.created", "package.status.transitioned"]
    assert row.sequence == 2
    assert run(made.id, "complete-packaging-from-waiting") == 500
    assert balances(world) == {"SKU-A": (99, 0), "SKU-B": (98, 0)}


def test_a_line_taken_off_whole_stays_off_through_the_package_s_life(world):
    made = package(world, lines=FIVE)
    plan(Package.objects.get().order_id, (0, None))
    decide()
    assert run(made.id, "deallocate-reservations") == 200
    assert contents(made.id) == [(0, 3, 900), (2, 0, 200)]


def test_what_deallocate_consumed_comes_back_once(world):
    made = package(world, lines=FIVE)
    run(made.id, "deallocate-reservations")
    assert balances(world)["SKU-A"] == (97, 0)
    plan(Package.objects.get().order_id, (0, 2))
    decide()
    plan(Package.objects.get().order_id, pk=2)
    decide()
    assert balances(world) == {"SKU-A": (100, 0), "SKU-B": (100, 0)}
    assert Package.objects.get().state == 900
    restored = LedgerEntry.objects.filter(kind="stock", reason="cancelled", product__sku="SKU-A")
    assert sorted(int(row.quantity) for row in restored) == [1, 2]
    assert {row.cause for row in restored} <= set(CancellationPart.objects.values_list("cause", flat=True))


def test_the_same_plan_delivered_three_times_acts_once(world):
    """Trap 7: cancel part of a line twice."""
    made = package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    for n in range(3):
        plan(order_id, (0, 1), at=T0 + n * SECOND)
        decide(T0 + n * SECOND)
    assert (contents(made.id), balances(world)["SKU-A"]) == ([(2, 1, 100), (2, 0, 100)], (100, 2))
    assert requests() == [("plan", "completed", 1, 0)]


def test_cancelling_what_is_cancelled_is_fulfilled_without_effect(world):
    made = package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    for pk in (1, 2):
        plan(order_id, (0, None), pk=pk)
        decide()
    assert (contents(made.id), balances(world)["SKU-A"]) == ([(0, 3, 900), (2, 0, 100)], (100, 0))
    assert answer(1) == answer(2) == ("done", "completed", True)
    assert requests()[1] == ("plan", "completed", 3, 0)


def test_a_packed_package_waits_for_its_location_and_is_cancelled_when_it_agrees(world):
    made = packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id)
    decide()
    assert (Package.objects.get().state, answer()) == (800, ("waiting", "", False))
    assert quota(world)["WH1"] == 1
    assert requests() == [("plan", "waiting_approval", 3, 3), ("plan", "waiting_approval", 2, 2)]
    assert balances(world)["SKU-A"] == (97, 0)
    assert run(made.id, "confirm-cancellation") == 900
    assert balances(world) == {"SKU-A": (100, 0), "SKU-B": (100, 0)}
    assert (quota(world)["WH1"], answer()) == (0, ("done", "completed", True))
    assert lines_of(order_id) == [(3, 3, 100), (2, 2, 100)]


def test_a_part_confirmed_leaves_the_rest_packed(world):
    made = packed(world)
    plan(Package.objects.get().order_id, (1, 1))
    decide()
    assert run(made.id, "confirm-cancellation") == 500
    assert contents(made.id) == [(3, 0, 500), (1, 1, 500)]
    assert balances(world) == {"SKU-A": (97, 0), "SKU-B": (99, 0)}
    assert Package.objects.get().amount == Decimal("400.00")


def test_a_location_that_refuses_sends_the_package_and_upstream_hears_why(world):
    made = packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id)
    decide()
    assert run(made.id, "refuse-cancellation", reason="The courier is at the door.") == 500
    row = CancellationPlan.objects.get()
    assert (row.state, row.answer, row.answer_reason) == (
        "refused", "rejected", "The courier is at the door.",
    )  # fmt: skip
    assert (quota(world)["WH1"], lines_of(order_id)) == (0, [(3, 0, 450), (2, 0, 450)])
    assert {status for _, status, _, _ in requests()} == {"rejected"}


def test_units_taken_off_elsewhere_are_planned_again_when_one_location_refuses(world):
    order_id = take(world, lines=FIVE)
    _, second = OrderItem.objects.order_by("id")
    OrderItem.objects.filter(pk=second.pk).update(state=100)
    there = package(world, order_id=order_id, lines=FIVE)
    PackageItem.objects.filter(package_id=there.id, order_item=second).delete()
    run(there.id, "complete-packaging-from-waiting")
    OrderItem.objects.filter(pk=second.pk).update(state=400)
    plan(order_id)
    decide()
    assert lines_of(order_id)[1] == (2, 2, 100)
    run(there.id, "refuse-cancellation", reason="Gone.")
    assert lines_of(order_id)[1] == (2, 0, 400)
    order = Order.objects.get()
    assert (order.planning_state, order.cancelled_amount) == ("new", 0)
    assert set(CancellationPart.objects.values_list("status", flat=True)) == {"refused", "restored"}


def test_what_was_shipped_is_refused_whole_and_nothing_changes(world):
    """Trap 7: cancel after ship."""
    made = packed(world)
    run(made.id, "shipment-order")
    order_id = Package.objects.get().order_id
    before = (contents(made.id), balances(world), events_of(made.id), lines_of(order_id))
    plan(order_id, (0, 1))
    decide()
    assert (contents(made.id), balances(world), events_of(made.id), lines_of(order_id)) == before
    row = CancellationPlan.objects.get()
    assert (row.state, row.answer) == ("refused", "rejected")
    assert row.answer_reason == "1 of the units can't be cancelled any more (shipped)."


def test_more_units_than_ordered_are_refused(world):
    package(world, lines=FIVE)
    plan(Package.objects.get().order_id, (0, 9))
    decide()
    assert answer() == ("refused", "rejected", True)
    assert "9 asked, 3 ordered" in CancellationPlan.objects.get().answer_reason


def test_an_unplanned_order_is_cancelled_and_never_planned(world):
    order_id = take(world, lines=FIVE)
    plan(order_id)
    decide()
    assert (lines_of(order_id), Order.objects.get().state) == ([(3, 3, 100), (2, 2, 100)], 100)
    assert CancellationPart.objects.filter(package_item_id=None).count() == 2


def test_a_plan_before_its_order_waits_for_it(world):
    cancellation_store.upsert_cancellation_plans(
        [
            IncomingCancellationPlan(
                source="seller_center", upstream_id=1, order_upstream_id=8001, plan_type="cancel",
                status="waiting", upstream_modified_at=T0, items=(),
            )
        ],
        now=T0,
    )  # fmt: skip
    assert decide() == 0
    intake_store.upsert([incoming(world, upstream_id=8001)], now=T0)
    assert decide(T0 + 60 * SECOND) == 1
    assert (Order.objects.get().state, answer()) == (100, ("done", "completed", True))


def test_a_plan_withdrawn_upstream_lets_the_package_go_on(world):
    made = packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id)
    decide()
    plan(order_id, status="rejected", at=T0 + SECOND)
    decide()
    assert (Package.objects.get(pk=made.id).state, answer()) == (500, ("withdrawn", "", False))
    assert {status for _, status, _, _ in requests()} == {"withdrawn"}


def test_the_echo_of_our_own_answer_changes_nothing(world):
    package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    plan(order_id)
    decide()
    before = list(CancellationPart.objects.values())
    plan(order_id, status="completed", at=T0 + SECOND)
    assert decide() == 0
    assert list(CancellationPart.objects.values()) == before


def test_units_a_newer_version_leaves_out_are_taken_off(world):
    from dataclasses import replace

    version = incoming(world, lines=FIVE)
    order_id = intake_store.upsert([version], now=T0).created[0]
    made = package(world, order_id=order_id)
    newer = replace(version, items=version.items[:1], upstream_modified_at=T0 + SECOND)
    intake_store.upsert([newer], now=T0)
    decide()
    assert contents(made.id) == [(3, 0, 100), (0, 2, 900)]
    assert requests() == [("order_version", "completed", 2, 0)]
    assert balances(world)["SKU-B"] == (100, 0)


def test_a_refund_is_fulfilled_when_the_goods_are_back(world):
    made = packed(world)
    run(made.id, "shipment-order")
    order_id = Package.objects.get().order_id
    plan(order_id, kind="refund")
    decide()
    assert answer() == ("waiting", "", False)
    Package.objects.update(state=740)
    decide(T0 + 60 * SECOND)
    assert answer() == ("done", "completed", True)
    assert [state for _, _, state in lines_of(order_id)] == [600, 600]
    assert Order.objects.get().state == 600
    assert Package.objects.get(pk=made.id).state == 740


def test_the_floor_cancels_a_package_and_upstream_is_told_of_its_items(world):
    from ambar.oms.upstream.actions.sync_statuses import note_changes
    from ambar.oms.upstream.domain.statuses import DEFAULT_MAP
    from ambar.oms.upstream.models import StatusSync

    made = package(world, lines=FIVE)
    assert run(made.id, "cancel-from-waiting", reason="Water damage.") == 900
    assert balances(world) == {"SKU-A": (100, 0), "SKU-B": (100, 0)}
    assert (quota(world)["WH1"], Order.objects.get().state) == (0, 100)
    assert requests() == [("command", "completed", 3, 0), ("command", "completed", 2, 0)]
    note_changes(DEFAULT_MAP, now=T0)
    assert set(StatusSync.objects.values_list("wanted", flat=True)) == {100}


def test_a_package_is_cancelled_with_a_known_reason_only(world):
    from ambar.kit.refusals import Invalid
    from ambar.oms.orders.actions.save_cancellation_reason import save_cancellation_reason

    made = package(world, lines=FIVE)
    reason = save_cancellation_reason({"title": "Damaged", "is_active": True}, now=T0)
    with pytest.raises(Invalid) as refused:
        run(made.id, "cancel-from-waiting", cancellation_reason=reason.pk + 1)
    assert list(refused.value.fields) == ["cancellation_reason"]
    assert Package.objects.get().state == 100
    run(made.id, "cancel-from-waiting", cancellation_reason=reason.pk, reason="wet")
    assert set(CancellationRequest.objects.values_list("reason", flat=True)) == {"Damaged: wet"}


def test_nothing_to_confirm_is_a_conflict(world):
    made = packed(world)
    Package.objects.update(state=800)
    for slug, more in (("confirm-cancellation", {}), ("refuse-cancellation", {"reason": "x"})):
        with pytest.raises(Refusal) as refused:
            run(made.id, slug, **more)
        assert refused.value.code == "no_cancellation_waiting"


def _at_once(*acts):
    barrier, outcomes = Barrier(len(acts)), {}

    def one(n, act):
        try:
            barrier.wait(timeout=LONG_SECONDS)
            outcomes[n] = act()
        except Refusal as refusal:
            outcomes[n] = refusal
        finally:
            connection.close()

    threads = [Thread(target=one, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LONG_SECONDS)
    return outcomes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_of_cancelling_and_shipping_at_once_one_wins(turn):
    """Trap 7: cancel while shipping at the same time, on connections of their own."""
    world = build()
    made = packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id)
    outcomes = _at_once(decide, lambda: run(made.id, "shipment-order"))
    state, settled = Package.objects.get().state, answer()[0]
    if outcomes[1] == 600:
        assert (state, settled, lines_of(order_id)[0][1]) == (600, "refused", 0)
    else:
        assert (state, settled) == (800, "waiting")
    assert balances(world)["SKU-A"] == (97, 0)


@pytest.mark.django_db(transaction=True)
def test_confirming_refusing_and_confirming_again_at_once_compensates_once():
    """Trap 7: one compensation, whoever is first."""
    world = build()
    made = packed(world)
    plan(Package.objects.get().order_id)
    decide()
    outcomes = _at_once(
        lambda: run(made.id, "confirm-cancellation"),
        lambda: run(made.id, "confirm-cancellation"),
        lambda: run(made.id, "refuse-cancellation", reason="No."),
        decide,
    )
    assert sum(outcomes[n] in (900, 500) for n in range(3)) == 1
    gone = Package.objects.get().state == 900
    assert balances(world)["SKU-A"] == ((100, 0) if gone else (97, 0))
    assert answer()[1] == ("completed" if gone else "rejected")


def test_a_package_waiting_for_goods_is_cancelled_with_its_transfers(world):
    waiting_package(world)
    plan(Package.objects.get().order_id)
    decide()
    assert (Package.objects.get().state, Transfer.objects.get().state) == (900, "cancelled")
    for place in ("WH1", "ST1"):
        assert balances(world, place) == {"SKU-A": (100, 0), "SKU-B": (100, 0)}
    assert quota(world)["ST1"] == 0


def test_a_package_whose_awaited_goods_are_cancelled_goes_on_at_once(world):
    made, _ = waiting_package(world)
    plan(Package.objects.get().order_id, (1, None))
    decide()
    assert (Package.objects.get().state, Transfer.objects.get().state) == (100, "cancelled")
    assert contents(made.id) == [(1, 0, 100), (0, 2, 900)]
    assert balances(world, "WH1")["SKU-B"] == (100, 0)
    assert balances(world, "ST1")["SKU-A"] == (100, 1)


def test_units_cancelled_while_they_travel_become_free_stock_where_they_arrive(world):
    made, (transfer,) = waiting_package(world)
    planner = caller("planner")

    def move(slug):
        return planner.post(f"/transfer_orders/{transfer.id}/command/", {"slug": slug}).status_code

    assert move("transfer-dispatch-from-waiting") == 204
    plan(Package.objects.get().order_id, (1, 1))
    decide()
    assert (Package.objects.get().state, contents(made.id)[1]) == (300, (1, 1, 300))
    assert move("transfer-delivered") == 204
    assert Package.objects.get().state == 100
    assert balances(world, "WH1")["SKU-B"] == (98, 0)
    assert balances(world, "ST1")["SKU-B"] == (102, 1)


def statuses():
    rows = CancellationRequest.objects.order_by("id")
    return [(row.status, int(row.quantity), int(row.open_quantity)) for row in rows]


def test_a_newer_version_that_names_one_more_item_asks_for_it_too(world):
    made = packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 1))
    decide()
    assert statuses() == [("waiting_approval", 1, 1)]
    plan(order_id, (0, 1), (1, 2), at=T0 + SECOND)
    decide()
    assert statuses() == [("waiting_approval", 1, 1), ("waiting_approval", 2, 2)]
    assert run(made.id, "confirm-cancellation") == 500
    assert contents(made.id) == [(2, 1, 500), (0, 2, 900)]
    assert answer() == ("done", "completed", True)


def test_a_newer_version_that_leaves_an_item_out_calls_it_off(world):
    made = packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 3), (1, 2))
    decide()
    plan(order_id, (1, 2), at=T0 + SECOND)
    decide()
    assert statuses() == [("withdrawn", 3, 0), ("waiting_approval", 2, 2)]
    assert Package.objects.get(pk=made.id).state == 800
    run(made.id, "confirm-cancellation")
    assert lines_of(order_id) == [(3, 0, 450), (2, 2, 100)]
    assert answer() == ("done", "completed", True)


@pytest.mark.parametrize(("first", "then"), [(1, 3), (3, 1)])
def test_a_newer_version_with_other_units_is_decided_anew(world, first, then):
    made = packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, first))
    decide()
    plan(order_id, (0, then), at=T0 + SECOND)
    decide()
    assert statuses() == [("waiting_approval", then, then)]
    run(made.id, "confirm-cancellation")
    assert contents(made.id)[0][:2] == (3 - then, then)
    assert [
        entry.quantity for entry in LedgerEntry.objects.filter(kind="stock", holder_id=made.item_ids[0])
    ] == [then]
    assert answer() == ("done", "completed", True)


def test_units_of_a_refund_that_went_before_are_ordered_again_when_a_newer_version_leaves_them_out(world):
    shipped = package(world, lines=(("SKU-A", 3),))
    run(shipped.id, "complete-packaging-from-waiting")
    order_id = Package.objects.get().order_id
    OrderItem.objects.filter(order_id=order_id).update(quantity=5)
    plan(order_id, (0, 4))
    decide()
    assert (statuses(), lines_of(order_id)) == ([("waiting_approval", 4, 2)], [(5, 2, 450)])
    plan(order_id, (0, 1), at=T0 + SECOND)
    decide()
    assert statuses() == [("completed", 1, 0)]
    assert lines_of(order_id)[0][:2] == (5, 1)
    assert Package.objects.get().state == 500
    assert Order.objects.get().planning_state == "new"


@pytest.mark.parametrize("later", [((0, 9),), ((0, 3),)])
def test_the_same_version_again_and_one_that_asks_for_too_much_change_nothing(world, later):
    packed(world)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 3))
    decide()
    before = (statuses(), events_of(Package.objects.get().pk))
    plan(order_id, *later, at=T0 + SECOND)
    decide()
    assert (statuses(), events_of(Package.objects.get().pk)) == before
    assert answer() == ("waiting", "", False)


def test_a_version_that_asks_for_more_after_the_plan_was_done_is_carried_out_and_answered_again(world):
    made = package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 1))
    decide()
    assert answer() == ("done", "completed", True)
    CancellationPlan.objects.update(answer_due_at=None, answered_at=T0)
    plan(order_id, (0, 1), (1, 2), at=T0 + SECOND)
    decide()
    assert statuses() == [("completed", 1, 0), ("completed", 2, 0)]
    assert [line[:2] for line in lines_of(order_id)] == [(3, 1), (2, 2)]
    assert contents(made.id)[0][:2] == (2, 1)
    assert answer() == ("done", "completed", True)


def test_a_version_that_asks_for_less_after_the_plan_was_done_gives_the_units_back(world):
    package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 1), (1, 1))
    decide()
    plan(order_id, (0, 1), at=T0 + SECOND)
    decide()
    assert statuses() == [("completed", 1, 0), ("withdrawn", 1, 0)]
    assert [line[:2] for line in lines_of(order_id)] == [(3, 1), (2, 0)]
    assert Order.objects.get().planning_state == "new"
    assert answer() == ("done", "completed", True)


@pytest.mark.parametrize("status", ["completed", "waiting"])
def test_the_same_items_again_after_the_plan_was_done_are_no_new_wish(world, status):
    package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 1))
    decide()
    CancellationPlan.objects.update(answer_due_at=None, answered_at=T0)
    plan(order_id, (0, 1), status=status, at=T0 + SECOND)
    decide()
    assert (statuses(), answer()) == ([("completed", 1, 0)], ("done", "completed", False))


def test_a_version_that_upstream_has_settled_after_the_plan_is_done_changes_nothing(world):
    made = package(world, lines=FIVE)
    order_id = Package.objects.get().order_id
    plan(order_id, (0, 1))
    decide()
    assert answer() == ("done", "completed", True)
    plan(order_id, (0, 1), (1, 2), status="completed", at=T0 + SECOND)
    decide()
    assert statuses() == [("completed", 1, 0)]
    assert contents(made.id)[0][:2] == (2, 1)

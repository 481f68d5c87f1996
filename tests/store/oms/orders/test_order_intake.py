from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from ambar.oms.orders import cancellation_store, intake_store, store
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan, IncomingPlanItem
from ambar.oms.orders.models import CancellationPlan, Order, OrderItem
from tests.worlds.oms_records import ADDRESS, CUSTOMER, T0, World, build, incoming
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(db: None) -> World:
    return build()


def test_a_new_order_is_stored_whole_and_queued_for_planning(world):
    result = intake_store.upsert([incoming(world, upstream_id=7001)], now=T0)
    assert (len(result.created), result.updated, result.stale) == (1, (), ())
    assert result.ids == {("seller_center", 7001): result.created[0]}
    order = Order.objects.get()
    assert (order.number, order.state, order.planning_state, order.supplier_code) == (
        "2594887831807001", 400, "new", "AMBAR-01",
    )  # fmt: skip
    assert (order.amount, order.currency, order.cargo_company) == (Decimal("239.90"), "try", "yurtici")
    assert (order.customer, order.shipping_address, order.raw) == (CUSTOMER, ADDRESS, {"id": 7001})
    assert (order.date_placed, order.created_at, order.upstream_modified_at) == (T0, T0, T0)
    assert list(OrderItem.objects.order_by("id").values_list("upstream_id", "sku", "quantity", "price", "state")) == [
        (70011, "SKU-A", Decimal(1), Decimal(100), 400), (70012, "SKU-B", Decimal(1), Decimal(100), 400),
    ]  # fmt: skip


def test_a_batch_is_two_statements_however_large(world, django_assert_num_queries):
    batch = [incoming(world) for _ in range(50)]
    with transaction.atomic(), django_assert_num_queries(3):  # two tables and the planner's wake-up
        result = intake_store.upsert(batch, now=T0)
    assert len(result.created) == 50
    assert OrderItem.objects.count() == 100


def test_an_older_or_equal_version_changes_nothing(world):
    intake_store.upsert([incoming(world, upstream_id=7001, upstream_modified_at=T0 + SECOND)], now=T0)
    before = list(Order.objects.values()), list(OrderItem.objects.values())
    for version in (T0, T0 + SECOND):
        result = intake_store.upsert(
            [incoming(world, upstream_id=7001, notes="old", upstream_modified_at=version)], now=T0
        )
        assert (result.created, result.updated, len(result.stale)) == ((), (), 1)
        assert result.ids == {("seller_center", 7001): Order.objects.get().pk}
    assert (list(Order.objects.values()), list(OrderItem.objects.values())) == before


def test_a_newer_version_overwrites_but_never_turns_a_status_back(world):
    first = intake_store.upsert([incoming(world, upstream_id=7001)], now=T0).created[0]
    store.mark_planned([first], T0)
    OrderItem.objects.update(state=500)
    Order.objects.update(state=500)
    newer = incoming(world, upstream_id=7001, notes="ring twice", upstream_modified_at=T0 + SECOND)
    result = intake_store.upsert([newer], now=T0 + SECOND)
    assert (result.created, result.updated) == ((), (first,))
    order = Order.objects.get()
    assert (order.notes, order.state, order.planning_state, order.modified_at) == (
        "ring twice",
        500,
        "planned",
        T0 + SECOND,
    )
    assert set(OrderItem.objects.values_list("state", flat=True)) == {500}


def test_a_cancellation_upstream_is_taken_from_any_status(world):
    from dataclasses import replace

    intake_store.upsert([incoming(world, upstream_id=7001)], now=T0)
    OrderItem.objects.update(state=500)
    order = incoming(world, upstream_id=7001, state=100, upstream_modified_at=T0 + SECOND)
    order = replace(order, items=tuple(replace(item, state=100) for item in order.items))
    intake_store.upsert([order], now=T0)
    assert Order.objects.get().state == 100
    assert set(OrderItem.objects.values_list("state", flat=True)) == {100}


def test_of_two_versions_in_one_batch_the_newer_counts(world):
    batch = [
        incoming(world, upstream_id=7001, notes="newer", upstream_modified_at=T0 + SECOND),
        incoming(world, upstream_id=7001, notes="older"),
    ]
    result = intake_store.upsert(batch, now=T0)
    assert len(result.created) == 1
    assert Order.objects.get().notes == "newer"


def test_the_same_upstream_id_of_another_source_is_another_order(world):
    intake_store.upsert(
        [incoming(world, upstream_id=7001), incoming(world, upstream_id=7001, source="omnitron")], now=T0
    )
    assert Order.objects.count() == 2
    assert OrderItem.objects.count() == 4


def test_an_item_never_changes_its_order(world):
    from dataclasses import replace

    one = incoming(world, upstream_id=7001)
    intake_store.upsert([one], now=T0)
    thief = incoming(world, upstream_id=7002)
    with pytest.raises(intake_store.LinesOfOthers) as refused, transaction.atomic():
        intake_store.upsert([replace(thief, items=(one.items[0], *thief.items))], now=T0)
    assert refused.value.lines == {7002: (one.items[0].upstream_id, one.number)}
    owner = OrderItem.objects.get(upstream_id=one.items[0].upstream_id).order
    assert owner.upstream_id == 7001
    assert OrderItem.objects.count() == 2


def test_a_held_order_is_planned_anew_when_a_newer_version_comes(world):
    order_id = intake_store.upsert([incoming(world, upstream_id=7001)], now=T0).created[0]
    store.mark_hold({order_id: "no scenario matches"}, T0)
    assert store.claim_new(10, T0) == []
    intake_store.upsert([incoming(world, upstream_id=7001, upstream_modified_at=T0 + SECOND)], now=T0)
    order = Order.objects.get()
    assert (order.planning_state, order.hold_reason) == ("new", "")


def test_claiming_gives_whole_orders_in_order_and_leaves_out_dead_lines(world):
    ids = intake_store.upsert([incoming(world) for _ in range(3)], now=T0).created
    OrderItem.objects.filter(order_id=ids[0], sku="SKU-B").update(state=100)
    with transaction.atomic():
        claimed = store.claim_new(2, T0)
    assert [order.id for order in claimed] == sorted(ids)[:2]
    assert [line.sku for line in claimed[0].lines] == ["SKU-A"]
    assert [(line.sku, line.quantity) for line in claimed[1].lines] == [
        ("SKU-A", Decimal(1)),
        ("SKU-B", Decimal(1)),
    ]
    assert claimed[1].shipping_address["city"] == "İstanbul"
    assert claimed[1].customer == CUSTOMER


@pytest.mark.parametrize("state", [50, 100, 200, 300, 350, 500, 550, 600])
def test_orders_that_are_not_approved_are_not_claimed(world, state):
    intake_store.upsert([incoming(world, state=state)], now=T0)
    with transaction.atomic():
        assert store.claim_new(10, T0) == []


def test_pending_orders_come_back_when_due(world):
    order_id = intake_store.upsert([incoming(world)], now=T0).created[0]
    store.mark_pending({order_id: "stock unknown"}, due_at=T0 + SECOND, now=T0)
    with transaction.atomic():
        assert store.claim_new(10, T0) == []
        assert [order.id for order in store.claim_new(10, T0 + SECOND)] == [order_id]
    assert store.mark_new([order_id], T0) == 1
    assert store.mark_new([order_id], T0) == 0


@pytest.mark.django_db(transaction=True)
def test_two_planners_never_claim_the_same_order():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connection

    world = build()
    ids = intake_store.upsert([incoming(world) for _ in range(20)], now=T0).created
    barrier = Barrier(2)

    def plan() -> list[int]:
        try:
            with transaction.atomic():
                mine = [order.id for order in store.claim_new(10, T0)]
                barrier.wait(timeout=LONG_SECONDS)
                store.mark_planned(mine, T0)
            return mine
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: plan(), range(2))
    assert sorted(one + two) == sorted(ids)


def test_items_advance_and_their_order_follows_the_least_advanced(world):
    order_id = intake_store.upsert([incoming(world)], now=T0).created[0]
    first, second = OrderItem.objects.order_by("id").values_list("id", flat=True)
    assert store.advance_items({first: 450}, now=T0) == {order_id}
    assert Order.objects.get().state == 400
    assert store.advance_items({second: 500, first: 450}, now=T0) == {order_id}
    assert Order.objects.get().state == 450
    assert store.advance_items({second: 450}, now=T0) == set()
    assert list(OrderItem.objects.order_by("id").values_list("state", flat=True)) == [450, 500]


@pytest.mark.parametrize("state", [50, 100, 600])
def test_items_aside_do_not_advance(world, state):
    intake_store.upsert([incoming(world)], now=T0)
    OrderItem.objects.update(state=state)
    targets = dict.fromkeys(OrderItem.objects.values_list("id", flat=True), 500)
    assert store.advance_items(targets, now=T0) == set()
    assert set(OrderItem.objects.values_list("state", flat=True)) == {state}


def _plan(status: str, at, **changed):
    values = {
        "source": "seller_center", "upstream_id": 1, "order_upstream_id": 7001, "plan_type": "cancel", "status": status,
        "upstream_modified_at": at, "items": (IncomingPlanItem(order_item=70011, reason="changed mind"),), "raw": {"pk": 1},
    }  # fmt: skip
    return IncomingCancellationPlan(**{**values, **changed})


def test_cancellation_plans_are_kept_as_records_newest_version_only(world):
    order_id = intake_store.upsert([incoming(world, upstream_id=7001)], now=T0).created[0]
    assert len(cancellation_store.upsert_cancellation_plans([_plan("waiting", T0)], now=T0).created) == 1
    assert cancellation_store.upsert_cancellation_plans([_plan("rejected", T0)], now=T0).updated == ()
    assert (
        len(cancellation_store.upsert_cancellation_plans([_plan("completed", T0 + SECOND)], now=T0).updated)
        == 1
    )
    plan = CancellationPlan.objects.get()
    assert (plan.order_id, plan.status, plan.due_at) == (order_id, "completed", T0)
    assert plan.items == [
        {"order_item": 70011, "reason": "changed mind", "refund_amount": None, "quantity": None}
    ]


def test_a_plan_read_from_upstream_replaces_one_stamped_by_a_clock_that_ran_ahead(world):
    take = cancellation_store.upsert_cancellation_plans
    take([_plan("waiting", T0 + 3000 * SECOND)], now=T0)
    assert take([_plan("rejected", T0)], now=T0).updated == ()
    assert take([_plan("rejected", T0 + 20 * SECOND)], now=T0, beyond=T0 + 10 * SECOND).updated == ()
    assert len(take([_plan("rejected", T0)], now=T0, beyond=T0 + 10 * SECOND).updated) == 1
    assert take([_plan("waiting", T0 - SECOND)], now=T0, beyond=T0 + 10 * SECOND).updated == ()


def test_a_cancellation_plan_may_come_before_its_order(world):
    cancellation_store.upsert_cancellation_plans([_plan("waiting", T0, order_upstream_id=4242)], now=T0)
    plan = CancellationPlan.objects.get()
    assert (plan.order_id, plan.order_upstream_id) == (None, 4242)

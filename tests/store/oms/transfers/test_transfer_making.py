from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from django.db import IntegrityError, connection, transaction

from ambar.oms.orders.models import OrderItem
from ambar.oms.states.models import TransitionLog
from ambar.oms.transfers import store
from ambar.oms.transfers.domain.changes import NewTransfer, TransferChange, TransferMoved
from ambar.oms.transfers.models import Transfer, TransferItem
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, World, build, events_of, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(hours=1)


@pytest.fixture
def world(db: None) -> World:
    return build()


def _new(world, made, *, source="WH1", quantity="1", item=0, **more):
    row = OrderItem.objects.filter(packageitem__id=made.item_ids[item]).get()
    values = {
        "order_id": row.order_id,
        "package_id": made.id,
        "source_id": world.locations[source],
        "destination_id": world.locations["ST1"],
        "items": ((made.item_ids[item], row.pk, row.product_id, Decimal(quantity)),),
    }
    return NewTransfer(**{**values, **more})


def _change(transfer, from_state, to_state, **more):
    return TransferChange(
        transfer_id=transfer.id,
        from_state=from_state,
        to_state=to_state,
        command_code="TEST",
        slug="test",
        **more,
    )


def log_of(transfer_id):
    rows = TransitionLog.objects.filter(kind="transfer", object_id=transfer_id).select_related(
        "old_state", "new_state"
    )
    return [
        (row.old_state and row.old_state.enum_value, row.new_state.enum_value, row.attributes)
        for row in rows.order_by("id")
    ]


def test_transfers_are_made_in_the_given_order_with_numbers_items_log_and_events(world):
    one, two = package(world, at="ST1", state=300), package(world, at="ST1", state=300)
    made = store.create(
        [_new(world, two), _new(world, one), _new(world, two, item=1, quantity="0.5")], now=T0
    )
    assert [m.number for m in made] == [f"{two.number}T1", f"{one.number}T1", f"{two.number}T2"]
    rows = [Transfer.objects.get(pk=m.id) for m in made]
    assert [(r.package_id, r.state, r.sequence) for r in rows] == [
        (two.id, "waiting", 1),
        (one.id, "waiting", 1),
        (two.id, "waiting", 1),
    ]
    items = TransferItem.objects.filter(transfer=rows[2])
    assert [(i.pk, i.package_item_id, i.quantity, i.state) for i in items] == [
        (made[2].item_ids[0], two.item_ids[1], Decimal("0.500"), "waiting")
    ]
    assert [events_of(m.id, "transfer") for m in made] == [[("transfer.status.created", 1)]] * 3
    assert log_of(made[0].id) == [(None, "waiting", {"command.slug": "PLANNING"})]


def test_later_transfers_of_a_package_go_on_counting(world):
    made = package(world, at="ST1", state=300)
    numbers = [store.create([_new(world, made)], now=T0)[0].number for _ in range(2)]
    assert numbers == [f"{made.number}T1", f"{made.number}T2"]


def test_any_number_of_transfers_is_made_in_a_handful_of_statements(world, django_assert_max_num_queries):
    new = [_new(world, package(world, at="ST1", state=300)) for _ in range(10)]
    store.create([_new(world, package(world, at="ST1", state=300))], now=T0)
    with transaction.atomic(), django_assert_max_num_queries(6):
        store.create(new, now=T0)
    assert Transfer.objects.count() == 11


def test_units_of_one_package_item_are_added_up(world):
    made = package(world, at="ST1", state=300, lines=[("SKU-A", 5)])
    new = _new(world, made, quantity="2")
    double = NewTransfer(
        order_id=new.order_id,
        package_id=new.package_id,
        source_id=new.source_id,
        destination_id=new.destination_id,
        items=new.items * 2,
    )
    created = store.create([double], now=T0)[0]
    assert created.item_ids[0] == created.item_ids[1]
    assert TransferItem.objects.get().quantity == Decimal(4)


def test_a_transfer_for_another_place_order_or_item_is_refused(world):
    made, other = package(world, at="ST1", state=300), package(world, at="ST1", state=300)
    wrong = [
        {"package_id": 10**9},
        {"order_id": 10**9},
        {"destination_id": world.locations["WH1"], "source_id": world.locations["ST1"]},
        {"items": ((other.item_ids[0], 1, 1, Decimal(1)),)},
    ]
    for more in wrong:
        with pytest.raises(LookupError), transaction.atomic():
            store.create([_new(world, made, **more)], now=T0)
    with pytest.raises(IntegrityError), transaction.atomic():
        store.create([_new(world, made, source="ST1")], now=T0)
    assert Transfer.objects.count() == 0


def test_a_change_moves_items_writes_the_log_and_raises_the_specific_and_the_general_event(world):
    listen()
    _, (transfer,) = waiting_package(world)
    with transaction.atomic():
        store.lock([transfer.id])
        moved = store.change_states(
            [_change(transfer, "waiting", "in_transit", transition_id=5, user_id=9, attributes={"a": 1})],
            now=LATER,
        )
    assert moved == [transfer.id]
    row = Transfer.objects.get(pk=transfer.id)
    assert (row.state, row.sequence, row.dispatched_at, row.delivered_at) == ("in_transit", 3, LATER, None)
    assert TransferItem.objects.get(transfer=row).state == "in_transit"
    assert events_of(transfer.id, "transfer")[1:] == [
        ("transfer.status.in_transit", 2),
        ("transfer.status.transitioned", 3),
    ]
    assert log_of(transfer.id)[1:] == [
        (
            "waiting",
            "in_transit",
            {"a": 1, "command.slug": "TEST", "transition.slug": "test", "command.transition_id": 5},
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload FROM outbox_event WHERE kind = 'transfer' AND aggregate_id = %s ORDER BY sequence",
            [transfer.id],
        )
        frozen = [orjson.loads(row[0]) for row in cursor.fetchall()]
    assert [(p["sequence"], p["state"]["enum_value"]) for p in frozen] == [
        (1, "waiting"),
        (2, "in_transit"),
        (3, "in_transit"),
    ]


def test_an_item_can_end_in_another_state_than_its_transfer(world):
    _, (transfer,) = waiting_package(world)
    store.change_states(
        [_change(transfer, "waiting", "cancelled", item_states={transfer.item_ids[0]: "out_of_stock"})],
        now=LATER,
    )
    assert TransferItem.objects.get().state == "out_of_stock"


def test_a_change_from_a_state_left_behind_is_refused_whole(world):
    (_, (one,)), (_, (two,)) = waiting_package(world), waiting_package(world)
    before = list(Transfer.objects.order_by("id").values())
    with pytest.raises(TransferMoved) as refusal, transaction.atomic():
        store.change_states(
            [_change(one, "waiting", "in_transit"), _change(two, "in_transit", "transferred")], now=LATER
        )
    assert refusal.value.params == {"transfers": [two.id]}
    assert list(Transfer.objects.order_by("id").values()) == before
    with pytest.raises(ValueError, match="once"):
        store.change_states([_change(one, "waiting", "in_transit")] * 2, now=LATER)


def test_the_lock_gives_both_ends_their_transfer_and_nobody_else(world):
    made, (transfer,) = waiting_package(world)
    with transaction.atomic():
        locked = store.lock([transfer.id, 10**9, 2**70])[transfer.id]
        assert (locked.state, locked.package_id, locked.package_state) == ("waiting", made.id, 300)
        assert [(i.id, i.package_item_id, i.quantity) for i in locked.items] == [
            (transfer.item_ids[0], made.item_ids[1], Decimal(2))
        ]
        for code in ("WH1", "ST1"):
            assert set(store.lock([transfer.id], location_ids=[world.locations[code]])) == {transfer.id}
        assert store.lock([transfer.id], location_ids=[10**9]) == {}
        assert store.lock([transfer.id], location_ids=[]) == {}


def test_giving_up_a_package_cancels_what_has_not_left_and_names_the_items(world):
    made, coming = waiting_package(world, sources=("WH1",) * 4)
    ready, gone, arrived, waiting = coming
    for transfer, state in ((ready, "ready_to_shipment"), (gone, "in_transit"), (arrived, "transferred")):
        store.change_states([_change(transfer, "waiting", state)], now=T0)
    _, (untouched,) = waiting_package(world)
    items = store.cancel_of_packages([made.id], now=LATER)
    assert items == [ready.item_ids[0], waiting.item_ids[0]]
    states = dict(Transfer.objects.values_list("id", "state"))
    assert [states[t.id] for t in (*coming, untouched)] == [
        "cancelled",
        "in_transit",
        "transferred",
        "cancelled",
        "waiting",
    ]
    assert events_of(waiting.id, "transfer")[1:] == [
        ("transfer.status.cancelled", 2),
        ("transfer.status.transitioned", 3),
    ]
    assert store.cancel_of_packages([made.id], now=LATER) == []
    assert store.cancel_of_packages([], now=LATER) == []


def test_a_package_is_complete_when_all_its_transfers_have_arrived(world):
    made, (one, two) = waiting_package(world, sources=("WH1", "WH1"))
    assert store.complete_packages([made.id]) == []
    store.change_states([_change(one, "waiting", "transferred")], now=T0)
    assert store.complete_packages([made.id]) == []
    store.change_states([_change(two, "waiting", "transferred")], now=T0)
    assert store.complete_packages([made.id, 10**9]) == [made.id]

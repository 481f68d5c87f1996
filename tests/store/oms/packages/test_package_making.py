from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from django.db import connection, transaction

from ambar.oms.orders.models import OrderItem
from ambar.oms.packages import store
from ambar.oms.packages.domain.changes import NewPackage, StateChange, StateMoved
from ambar.oms.packages.models import Package, PackageItem
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, World, build, events_of, log_of, package, picture, quota, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


def _new(world, order_id, *, state=100, at="WH1", quantity=None, **more):
    items = tuple(
        (item.pk, item.product_id, quantity or item.quantity)
        for item in OrderItem.objects.filter(order_id=order_id).order_by("id")
    )
    return NewPackage(order_id=order_id, location_id=world.locations[at], state=state, items=items, **more)


def test_packages_are_made_in_the_given_order_with_numbers_items_log_and_events(world):
    one, two = take(world), take(world)
    half = Decimal("0.5")
    made = store.create(
        [
            _new(world, two, decision_id=9),
            _new(world, one, quantity=half, at="ST1"),
            _new(world, one, quantity=half, state=920, lineage=(3, 4)),
        ],
        now=T0,
    )
    numbers = {
        order_id: Package.objects.filter(order_id=order_id).first().order_number for order_id in (one, two)
    }
    assert [m.number for m in made] == [f"{numbers[two]}P1", f"{numbers[one]}P1", f"{numbers[one]}P2"]
    rows = [Package.objects.get(pk=m.id) for m in made]
    assert [(r.state, r.sequence, r.amount, r.decision_id, r.lineage) for r in rows] == [
        (100, 1, Decimal(200), 9, []),
        (100, 1, Decimal(100), None, []),
        (920, 2, Decimal(100), None, [3, 4]),
    ]
    assert [r.shipping_company for r in rows] == ["yurtici"] * 3
    items = [
        list(PackageItem.objects.filter(package_id=m.id).order_by("id").values_list("id", flat=True))
        for m in made
    ]
    assert [m.item_ids for m in made] == [tuple(ids) for ids in items]
    assert set(PackageItem.objects.values_list("unit_weight", flat=True)) == {Decimal("0.300")}
    assert [events_of(m.id) for m in made] == [
        [("package.created", 1)],
        [("package.created", 1)],
        [("package.created", 1), ("package.status.out_of_stock", 2)],
    ]
    assert [log_of(m.id) for m in made] == [[(None, s, "PLANNING")] for s in ("100", "100", "920")]
    assert quota(world) == {"WH1": 0, "ST1": 0}


@pytest.mark.parametrize("way", ["nestloop", "hashjoin", "mergejoin"])
def test_items_are_numbered_as_they_were_given_whatever_way_postgresql_joins(world, way):
    new = _new(world, take(world, lines=(("SKU-A", 1), ("SKU-B", 2), ("SKU-A", 3))))
    backwards = replace(new, items=new.items[::-1])
    with connection.cursor() as cursor:
        for other in {"nestloop", "hashjoin", "mergejoin"} - {way}:
            cursor.execute(f"SET LOCAL enable_{other} = off")
    [made] = store.create([backwards], now=T0)
    assert list(made.item_ids) == sorted(made.item_ids)


def test_making_any_number_of_packages_is_a_handful_of_statements(world, django_assert_max_num_queries):
    new = [_new(world, take(world)) for _ in range(20)]
    with transaction.atomic(), django_assert_max_num_queries(6):
        store.create(new, now=T0)
    assert Package.objects.count() == 20


def test_later_packages_of_an_order_go_on_counting(world):
    order_id = take(world)
    half = Decimal("0.5")
    first = store.create([_new(world, order_id, quantity=half)], now=T0)[0]
    second = store.create([_new(world, order_id, quantity=half)], now=T0)[0]
    assert (first.number[-2:], second.number[-2:]) == ("P1", "P2")


def test_two_sources_with_one_order_number_do_not_collide(world):
    one = take(world, number="42")
    two = take(world, number="42", source="omnitron")
    made = store.create([_new(world, one), _new(world, two)], now=T0)
    assert [m.number for m in made] == ["42P1", "42P2"]


def test_an_unknown_order_or_product_is_refused(world):
    order_id = take(world)
    item = OrderItem.objects.filter(order_id=order_id).first()
    with pytest.raises(LookupError):
        store.create([NewPackage(order_id=10**9, location_id=1, state=100, items=())], now=T0)
    bad = NewPackage(
        order_id=order_id,
        location_id=world.locations["WH1"],
        state=100,
        items=((item.pk, 10**9, Decimal(1)),),
    )
    with pytest.raises(LookupError):
        store.create([bad], now=T0)


def _change(package_id, from_state, to_state):
    return StateChange(
        package_id=package_id,
        from_state=from_state,
        to_state=to_state,
        command_code="TEST",
        slug="test",
        user_id=None,
    )


def test_a_change_from_a_state_left_behind_is_refused_whole(world):
    one, two = package(world), package(world)
    before = picture(one.id), picture(two.id)
    with pytest.raises(StateMoved) as refusal, transaction.atomic():
        store.change_states([_change(one.id, 100, 400), _change(two.id, 200, 400)], now=T0)
    assert refusal.value.params == {"packages": [two.id]}
    assert (picture(one.id), picture(two.id)) == before


def test_a_package_moves_once_per_call(world):
    made = package(world)
    with pytest.raises(ValueError, match="once per call"):
        store.change_states([_change(made.id, 100, 400), _change(made.id, 100, 200)], now=T0)


def test_every_event_carries_the_record_as_it_stood_with_its_own_sequence(world):
    listen("package.created", "package.status.preparing", "package.status.transitioned")
    made = package(world)
    later = T0 + timedelta(minutes=1)
    store.change_states([_change(made.id, 100, 200)], now=later)
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, sequence, payload FROM outbox_event ORDER BY sequence")
        rows = [(type, sequence, orjson.loads(payload)) for type, sequence, payload in cursor.fetchall()]
    assert [(t, s, p["sequence"], p["state"]["enum_value"], p["modified_date"]) for t, s, p in rows] == [
        ("package.created", 1, 1, "100", "2026-01-15T09:30:00.000000Z"),
        ("package.status.preparing", 2, 2, "200", "2026-01-15T09:31:00.000000Z"),
        ("package.status.transitioned", 3, 3, "200", "2026-01-15T09:31:00.000000Z"),
    ]
    assert {item["state"] for item in rows[1][2]["packageitem_set"]} == {"200"}


def test_an_event_nobody_hears_is_kept_without_its_record_and_a_record_nobody_hears_of_is_not_read(
    world, monkeypatch
):
    made = package(world)
    listen("package.status.packed")
    with monkeypatch.context() as unread:
        unread.setattr(store, "payloads", None)
        store.change_states([_change(made.id, 100, 200)], now=T0)
    store.change_states([_change(made.id, 200, 500)], now=T0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, sequence, payload <> '' FROM outbox_event ORDER BY sequence")
        assert cursor.fetchall() == [
            ("package.created", 1, False),
            ("package.status.preparing", 2, False),
            ("package.status.transitioned", 3, False),
            ("package.status.packed", 4, True),
            ("package.status.transitioned", 5, False),
        ]
        cursor.execute("SELECT payload::json ->> 'sequence' FROM outbox_event WHERE payload <> ''")
        assert cursor.fetchall() == [("4",)]
    assert Package.objects.get(pk=made.id).sequence == 5


def test_sync_stays_due_since_the_first_change(world):
    made = package(world)
    later = T0 + timedelta(minutes=1)
    store.change_states([_change(made.id, 100, 200)], now=T0)
    store.change_states([_change(made.id, 200, 400)], now=later)
    assert Package.objects.get(pk=made.id).sync_pending_at == T0


def test_the_database_forbids_a_blocked_package_without_its_former_state(world):
    from django.db import IntegrityError

    made = package(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Package.objects.filter(pk=made.id).update(state=930)


def test_locking_leaves_out_other_locations(world):
    here, there = package(world), package(world, at="ST1")
    with transaction.atomic():
        assert sorted(store.lock([here.id, there.id, 10**9])) == [here.id, there.id]
        assert sorted(store.lock([here.id, there.id], location_ids=[world.locations["ST1"]])) == [there.id]
        assert store.lock([here.id], location_ids=[]) == {}
        locked = store.lock([here.id])[here.id]
    assert (locked.state, locked.has_outside_engine, [i.stock_taken for i in locked.items]) == (
        100,
        False,
        [False, False],
    )

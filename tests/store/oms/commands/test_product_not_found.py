"""Product Not Found, basic and advanced: the missing goods are off the books here, the rest keeps what it had (trap 8)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ambar.kit.refusals import Invalid
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.states.models import TransitionLog
from ambar.oms.stock.models import Balance
from ambar.oms.stock.queries import check
from tests.worlds.oms_records import (
    T0,
    World,
    balances,
    build,
    events_of,
    log_of,
    package,
    picture,
    quota,
)

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(minutes=5)
BASIC = {100: "product-not-found-from-waiting", 200: "product-not-found-from-preparing"}
ADVANCED = {
    100: "product-not-found-advanced-from-waiting",
    200: "product-not-found-advanced-from-preparing",
}


@pytest.fixture
def world(db: None) -> World:
    return build()


def run(package_id: int, slug: str, **parameters):
    return run_command(package_id, slug=slug, parameters=parameters, user_id=5, now=LATER)


def prepared(world: World, state: int):
    made = package(world)
    if state == 200:
        run(made.id, "deallocate-reservations")
    return made


def excluded() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT location_id, reason FROM oms_planning_exclusion ORDER BY order_item_id")
        return list(cursor.fetchall())


def successors(package_id: int) -> list[Package]:
    return list(Package.objects.filter(lineage__contains=[package_id]).order_by("id"))


@pytest.mark.parametrize("state", [100, 200])
def test_the_whole_package_waits_for_the_planner_and_the_missing_units_are_off_the_books(world, state):
    made = prepared(world, state)
    verdict = run(made.id, BASIC[state], package_items=[made.item_ids[0]])
    assert verdict.state == 910
    assert balances(world) == {"SKU-A": (Decimal(99), Decimal(0)), "SKU-B": (Decimal(100), Decimal(0))}
    assert quota(world) == {"WH1": 0, "ST1": 0}
    assert excluded() == [(world.locations["WH1"], "not found")]
    assert Order.objects.get().planning_state == "new"
    assert check() == []
    log = TransitionLog.objects.filter(kind="package", object_id=made.id).latest("id")
    assert (log.attributes["missing_items"], log.attributes["reason"]) == ([made.item_ids[0]], "not_found")
    assert log_of(made.id)[-1] == (str(state), "910", "DETECTED_OUT_OF_STOCK_ITEM")


def test_the_wrong_product_is_told_as_such(world):
    made = package(world)
    run(made.id, BASIC[100], package_items=list(made.item_ids), reason="wrong_product")
    assert excluded() == [(world.locations["WH1"], "wrong product")] * 2
    assert balances(world)["SKU-B"] == (Decimal(99), Decimal(0))


@pytest.mark.parametrize("state", [100, 200])
def test_advanced_keeps_the_rest_here_with_its_stock_and_its_state(world, state):
    made = prepared(world, state)
    missing, _ = made.item_ids
    verdict = run(made.id, ADVANCED[state], package_items=[missing])
    assert verdict.state == 900
    rest, gone = successors(made.id)
    assert [(p.location_id, p.state) for p in (rest, gone)] == [
        (world.locations["WH1"], state), (world.locations["WH1"], 910),
    ]  # fmt: skip
    items = {
        i.package_id: (i.order_item.sku, i.state, i.stock_taken_at)
        for i in PackageItem.objects.select_related("order_item").exclude(package_id=made.id)
    }
    assert items == {
        rest.pk: ("SKU-B", state, LATER if state == 200 else None),
        gone.pk: ("SKU-A", 910, None),
    }
    reserved = Decimal(1) if state == 100 else Decimal(0)
    assert balances(world) == {
        "SKU-A": (Decimal(99), Decimal(0)),
        "SKU-B": (Decimal(99) + reserved, reserved),
    }
    assert quota(world) == {"WH1": 1, "ST1": 0}
    assert events_of(made.id)[-2:] == [
        ("package.status.cancelled", 4 if state == 200 else 2),
        ("package.status.transitioned", 5 if state == 200 else 3),
    ]
    assert [events_of(p.pk) for p in (rest, gone)] == [[("package.created", 1)]] * 2
    assert Order.objects.get().planning_state == "new"
    assert check() == []


def test_what_was_kept_is_packed_without_consuming_it_twice(world):
    made = prepared(world, 200)
    run(made.id, ADVANCED[200], package_items=[made.item_ids[0]])
    rest = successors(made.id)[0]
    run(rest.pk, "complete-packaging-from-preparing")
    assert balances(world)["SKU-B"] == (Decimal(99), Decimal(0))
    assert check() == []


def test_what_was_kept_comes_back_once_when_it_is_lost_after_all(world):
    made = prepared(world, 200)
    run(made.id, ADVANCED[200], package_items=[made.item_ids[0]])
    rest = successors(made.id)[0]
    run(
        rest.pk,
        "manual-planning-from-preparing",
        assignment_groups=[[*PackageItem.objects.filter(package=rest).values_list("pk", flat=True), "ST1"]],
    )
    assert balances(world)["SKU-B"] == (Decimal(100), Decimal(0))
    assert balances(world, "ST1")["SKU-B"] == (Decimal(100), Decimal(1))
    assert check() == []


def test_a_count_that_came_up_short_does_not_stop_it(world):
    made = prepared(world, 200)
    package(world)
    Balance.objects.filter(location_id=world.locations["WH1"], product_id=world.products["SKU-B"]).update(
        on_hand=1, short=1
    )
    run(made.id, ADVANCED[200], package_items=[made.item_ids[0]])
    assert balances(world)["SKU-B"] == (Decimal(1), Decimal(1))


def test_advanced_with_everything_missing_leaves_nothing_here(world):
    made = package(world)
    verdict = run(made.id, ADVANCED[100], package_items=list(made.item_ids))
    assert verdict.state == 910
    assert Package.objects.count() == 1
    assert balances(world) == {"SKU-A": (Decimal(99), Decimal(0)), "SKU-B": (Decimal(99), Decimal(0))}
    assert quota(world) == {"WH1": 0, "ST1": 0}


@pytest.mark.parametrize("slug", [BASIC[100], ADVANCED[100]])
def test_at_an_outside_engine_the_figures_are_not_ours_to_write_off(world, slug):
    StockLocation.objects.filter(pk=world.locations["WH1"]).update(engine_id=7)
    made = package(world)
    run(made.id, slug, package_items=[made.item_ids[0]])
    assert balances(world)["SKU-A"] == (Decimal(100), Decimal(0))


@pytest.mark.parametrize("slug", [BASIC[100], ADVANCED[100]])
def test_bad_items_name_the_field_and_change_nothing(world, slug):
    made, other = package(world), package(world)
    first = made.item_ids[0]
    before = picture(made.id)
    for given, field in (
        ({}, "package_items"),
        ({"package_items": []}, "package_items"),
        ({"package_items": None}, "package_items"),
        ({"package_items": first}, "package_items"),
        ({"package_items": [first, first]}, "package_items"),
        ({"package_items": [other.item_ids[0]]}, "package_items"),
        ({"package_items": [first, 10**9]}, "package_items"),
        ({"package_items": [str(first)]}, "package_items.0"),
        ({"package_items": [True]}, "package_items.0"),
        ({"package_items": [first], "reason": "lost"}, "reason"),
    ):
        with pytest.raises(Invalid) as refusal:
            run(made.id, slug, **given)
        assert list(refusal.value.fields) == [field], given
        assert picture(made.id) == before
    assert excluded() == []

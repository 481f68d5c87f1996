"""Move Reservation: one package's stock makes another whole, in one step that nobody can come between."""

from __future__ import annotations

import pytest
from django.db import connection

from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package
from ambar.oms.states.models import TransitionLog
from tests.worlds import oms_books as books
from tests.worlds.callers import caller
from tests.worlds.oms_records import balances, build, events_of, package, quota

pytestmark = pytest.mark.django_db
LINES = (("SKU-A", 2), ("SKU-B", 3))


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def floor(world):
    return caller("planner")


def move(floor, giver, to_package, slug="move-reservation-from-waiting"):
    return floor.post(f"/packages/{giver.id}/command/", {"slug": slug, "to_package": to_package})


def lacking(world, lines=(("SKU-A", 2),), **more):
    return package(world, lines=lines, state=920, reserved_at=None, **more)


def states(*made) -> list[int]:
    return [Package.objects.get(pk=one.id).state for one in made]


def last_log(made) -> dict:
    return TransitionLog.objects.filter(kind="package", object_id=made.id).latest("id").attributes


@pytest.mark.parametrize("start", ["100", "200"])
def test_the_other_package_is_whole_and_the_giver_is_planned_again(world, floor, start):
    giver, other = package(world, lines=LINES), lacking(world)
    before = balances(world)
    if start == "200":
        floor.post(f"/packages/{giver.id}/command/", {"slug": "deallocate-reservations"})
    slug = {"100": "move-reservation-from-waiting", "200": "move-reservation-from-preparing"}[start]
    answer = move(floor, giver, other.id, slug)
    assert answer.status_code == 204, answer.content
    assert states(giver, other) == [910, 100]
    after = balances(world)
    assert after["SKU-A"] == before["SKU-A"]
    assert after["SKU-B"][1] == before["SKU-B"][1] - 3
    assert quota(world)["WH1"] == 1
    assert last_log(giver)["reservation_moved_to"] == Package.objects.get(pk=other.id).number
    assert last_log(other)["reservation_moved_from"] == Package.objects.get(pk=giver.id).number
    assert [name for name, _ in events_of(other.id)][-1] == "package.status.transitioned"
    assert Order.objects.get(package__id=giver.id).planning_state == "new"
    assert (
        floor.post(f"/packages/{other.id}/command/", {"slug": "complete-packaging-from-waiting"}).status_code
        == 204
    )
    assert books.wrong() == {}


def test_a_move_that_leaves_the_other_short_is_refused_and_changes_nothing(world, floor):
    giver = package(world, lines=(("SKU-A", 2),))
    have = balances(world)["SKU-A"]
    free = have[0] - have[1] + 2
    other = lacking(world, lines=(("SKU-A", int(free) + 1),))
    before = books.picture()
    answer = move(floor, giver, other.id)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_enough_stock")
    assert answer.json()["missing"][0]["sku"] == "SKU-A"
    assert books.changed(before, books.picture()) == []


def test_who_cannot_receive_is_named(world, floor):
    giver, ready = package(world, lines=LINES), package(world, lines=LINES)
    numbers = dict(Package.objects.values_list("id", "number"))
    before = books.picture()
    nobody = f"Location of package {numbers[giver.id]} has no package {10**9}."
    for named, said in (
        (10**9, nobody),
        (ready.id, f"Package {numbers[ready.id]} is not out of stock."),
        (giver.id, f"Package {numbers[giver.id]} is not out of stock."),
    ):
        answer = move(floor, giver, named)
        assert (answer.status_code, answer.json()) == (400, {"to_package": [said]})
    assert books.changed(before, books.picture()) == []


def test_a_package_elsewhere_is_answered_like_none(world, floor):
    giver, far = package(world, lines=LINES), lacking(world, at="ST1")
    answer = move(floor, giver, far.id)
    number = Package.objects.get(pk=giver.id).number
    assert answer.status_code == 400
    assert answer.json() == {"to_package": [f"Location of package {number} has no package {far.id}."]}


def test_of_two_givers_in_one_call_the_first_serves(world, floor):
    first, second, other = package(world, lines=LINES), package(world, lines=LINES), lacking(world)
    answer = floor.post(
        "/packages/bulk-command/",
        {
            "slug": "move-reservation-from-waiting",
            "packages": [first.id, second.id],
            "parameters": {"to_package": other.id},
        },
    )
    assert [row["done"] for row in answer.json()["verdicts"]] == [True, False]
    assert states(first, second, other) == [910, 100, 100]
    assert books.wrong() == {}


@pytest.mark.django_db(transaction=True)
def test_a_package_somebody_works_on_is_not_waited_for(transactional_db):
    world = build()
    floor = caller("planner")
    giver, other = package(world, lines=LINES), lacking(world)
    order = Package.objects.get(pk=other.id).order_id
    somebody = connection.copy()
    somebody.set_autocommit(False)
    try:
        with somebody.cursor() as cursor:
            cursor.execute("SELECT 1 FROM oms_orders_order WHERE id = %s FOR UPDATE", [order])
        answer = move(floor, giver, other.id)
        assert (answer.status_code, answer.json()["code"]) == (406, "package_busy")
        somebody.rollback()
    finally:
        somebody.close()
    assert move(floor, giver, other.id).status_code == 204

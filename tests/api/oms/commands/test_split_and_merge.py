"""Split and Merge: what packages hold goes on to those that take their place, and every old number finds them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ambar.oms.orders.models import OrderItem
from ambar.oms.packages.models import Package, PackageItem
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


def run(floor, package_id, slug, **parameters):
    return floor.post(f"/packages/{package_id}/command/", {"slug": slug, **parameters})


def items_of(package_id) -> list[PackageItem]:
    return list(PackageItem.objects.filter(package_id=package_id).order_by("id"))


def goods(package_id) -> dict[str, Decimal]:
    rows = PackageItem.objects.filter(package_id=package_id)
    return dict(rows.values_list("product__sku", "quantity"))


def successors(made) -> list[Package]:
    return list(Package.objects.exclude(pk=made.id).exclude(state=900).order_by("id"))


def test_a_split_leaves_two_packages_that_hold_what_the_one_held(world, floor):
    made = package(world, lines=LINES)
    before, worth = balances(world), Package.objects.get(pk=made.id).amount
    first, second = items_of(made.id)
    part = [{"package_item": second.pk, "quantity": "1"}, first.pk]
    assert run(floor, made.id, "split-from-waiting", package_items=part).status_code == 204
    stays, apart = successors(made)
    assert (goods(stays.pk), goods(apart.pk)) == ({"SKU-B": 2}, {"SKU-A": 2, "SKU-B": 1})
    assert {p.state for p in (stays, apart)} == {100}
    assert stays.amount + apart.amount == worth
    assert balances(world) == before
    assert quota(world)["WH1"] == 2
    assert books.wrong() == {}
    found = floor.get(f"/packages/resolve/?number={made.number}").json()["results"]
    assert {row["id"] for row in found} == {stays.pk, apart.pk}
    assert [name for name, _ in events_of(apart.pk)] == ["package.created"]
    for one in (stays, apart):
        assert run(floor, one.pk, "complete-packaging-from-waiting").status_code == 204
    assert books.wrong() == {}


def test_stock_that_has_left_the_books_stays_with_its_units(world, floor):
    """Trap 8: unit states survive a split."""
    made = package(world, lines=LINES)
    assert run(floor, made.id, "deallocate-reservations").status_code == 204
    before = balances(world)
    first = items_of(made.id)[0]
    one = [{"package_item": first.pk, "quantity": "1"}]
    assert run(floor, made.id, "split-from-preparing", package_items=one).status_code == 204
    assert balances(world) == before
    assert {item.stock_taken_at is not None for p in successors(made) for item in items_of(p.pk)} == {True}
    stays, apart = successors(made)
    assert run(floor, apart.pk, "cancel-from-preparing", **reason(floor)).status_code == 204
    assert balances(world)["SKU-A"][0] == before["SKU-A"][0] + 1
    assert run(floor, stays.pk, "complete-packaging-from-preparing").status_code == 204
    assert books.wrong() == {}


def reason(floor) -> dict[str, int]:
    made = caller("admin").post("/cancellation-reasons/", {"title": "Out of season"})
    assert made.status_code == 201, made.content
    return {"cancellation_reason": made.json()["id"]}


def test_out_of_stock_units_stay_out_of_stock(world, floor):
    """Trap 8: what waits for stock is not made available by a split."""
    made = package(world, lines=LINES, state=920)
    item = items_of(made.id)[0]
    assert run(floor, made.id, "split-from-out-of-stock", package_items=[item.pk]).status_code == 204
    assert {p.state for p in successors(made)} == {920}
    assert books.wrong() == {}


@pytest.mark.parametrize(
    ("named", "reason_given"),
    [
        (["all"], "That is all of package {number}: nothing would stay."),
        ([424242], "424242 is not an item of package {number}."),
        ([{"package_item": "first", "quantity": "5"}], "Item {first} has only 2.00."),
    ],
)
def test_a_split_that_does_not_add_up_is_refused(world, floor, named, reason_given):
    made = package(world, lines=LINES)
    ids = [item.pk for item in items_of(made.id)]
    sent = (
        ids
        if named == ["all"]
        else [{**n, "package_item": ids[0]} if isinstance(n, dict) else n for n in named]
    )
    before = books.picture()
    answer = run(floor, made.id, "split-from-waiting", package_items=sent)
    assert answer.json() == {"package_items": [reason_given.format(number=made.number, first=ids[0])]}
    assert (answer.status_code, books.changed(before, books.picture())) == (400, [])


def test_what_was_split_is_merged_again(world, floor):
    made = package(world, lines=LINES)
    before = balances(world)
    part = [{"package_item": items_of(made.id)[0].pk, "quantity": "1"}]
    run(floor, made.id, "split-from-waiting", package_items=part)
    stays, apart = successors(made)
    assert run(floor, stays.pk, "merge-from-waiting", packages=[apart.pk]).status_code == 204
    (whole,) = successors(made)
    assert goods(whole.pk) == {"SKU-A": 2, "SKU-B": 3}
    assert (balances(world), quota(world)["WH1"], books.wrong()) == (before, 1, {})
    for old in (made.number, stays.number, apart.number):
        found = floor.get(f"/packages/resolve/?number={old}").json()["results"]
        assert [row["id"] for row in found] == [whole.pk]
    assert set(OrderItem.objects.values_list("state", flat=True)) == {400}
    assert run(floor, whole.pk, "complete-packaging-from-waiting").status_code == 204


def test_only_packages_that_lie_together_are_merged(world, floor):
    one, stranger = package(world, lines=LINES), package(world, lines=LINES)
    before = books.picture()
    answer = run(floor, one.id, "merge-from-waiting", packages=[stranger.id, stranger.id, one.id])
    assert answer.status_code == 400
    assert answer.json() == {
        "packages": [f"Package {stranger.id} is named twice.", "A package can't be merged with itself."]
    }
    answer = run(floor, one.id, "merge-from-waiting", packages=[stranger.id])
    assert answer.json() == {"packages": [f"{stranger.id} is no other package of this order."]}
    assert books.changed(before, books.picture()) == []


def test_a_package_of_another_location_is_no_package_of_an_operator(world, floor):
    made = package(world, lines=LINES)
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    assert (
        run(operator, made.id, "split-from-waiting", package_items=[items_of(made.id)[0].pk]).status_code
        == 404
    )


def test_every_old_number_finds_what_lives_through_splits_merges_and_planning_by_hand(world, floor):
    made = package(world, lines=LINES)

    def numbered(n: int) -> Package:
        return Package.objects.get(number=f"{made.number.rpartition('P')[0]}P{n}")

    def lives(n: int) -> list[int]:
        found = floor.get(f"/packages/resolve/?number={numbered(n).number}").json()["results"]
        return sorted(int(row["number"].rpartition("P")[2]) for row in found)

    def part(n: int) -> dict[str, object]:
        return {"package_items": [{"package_item": items_of(numbered(n).pk)[0].pk, "quantity": "1"}]}

    for n in (1, 2):
        assert run(floor, numbered(n).pk, "split-from-waiting", **part(n)).status_code == 204
    assert run(floor, numbered(3).pk, "merge-from-waiting", packages=[numbered(5).pk]).status_code == 204
    groups = [{"package_items": [item.pk for item in items_of(numbered(6).pk)], "erp_code": "ST1"}]
    by_hand = run(floor, numbered(6).pk, "manual-planning-from-waiting", assignment_groups=groups)
    assert by_hand.status_code == 204
    assert {n: lives(n) for n in range(1, 8)} == {
        1: [4, 7], 2: [4, 7], 3: [7], 4: [4], 5: [7], 6: [7], 7: [7],
    }  # fmt: skip
    assert books.wrong() == {}

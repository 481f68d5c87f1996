"""Refuse, Reschedule and Manual Planning over the API: answers, isolation, bulk, and several operators at once (trap 29)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from ambar.oms.orders.models import Order
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.stock.queries import check
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import (
    T0,
    World,
    balances,
    build,
    events_of,
    ledger,
    package,
    picture,
    quota,
)
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def denial_reason(title: str = "Damaged") -> int:
    return PackageDenialReason.objects.create(title=title, created_at=T0, modified_at=T0).pk


def test_an_operator_refuses_its_own_package_and_the_record_tells_why(world):
    made, reason = package(world), denial_reason()
    operator = caller("location_operator", location_ids=[world.locations["WH1"]])
    body = {"slug": "refuse-from-waiting", "denial_reason": reason, "note": "wet"}
    answer = operator.post(f"/packages/{made.id}/command/", body)
    assert (answer.status_code, answer.content) == (204, b"")
    record = operator.get(f"/packages/{made.id}/").json()
    assert record["state"]["enum_value"] == "910"
    assert record["denial_reason"] == {"id": reason, "title": "Damaged", "note": "wet"}
    assert [c["slug"] for c in record["commands"]] == [
        "reschedule",
        "manual-planning-from-needs-rescheduling",
        "cancel-from-needs-rescheduling",
    ]


def test_an_operator_of_another_location_refuses_nothing(world):
    made, reason = package(world), denial_reason()
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    before = picture(made.id)
    body = {"slug": "refuse-from-waiting", "denial_reason": reason}
    foreign = operator.post(f"/packages/{made.id}/command/", body)
    missing = operator.post("/packages/999999999/command/", body)
    assert (
        (foreign.status_code, foreign.json())
        == (missing.status_code, missing.json())
        == (404, missing.json())
    )
    assert picture(made.id) == before


def test_a_missing_reason_answers_400_naming_the_field(world, planner):
    made = package(world)
    for body in ({}, {"denial_reason": 10**9}, {"denial_reason": "x"}):
        answer = planner.post(f"/packages/{made.id}/command/", {"slug": "refuse-from-waiting", **body})
        assert (answer.status_code, list(answer.json())) == (400, ["denial_reason"])


def test_reschedule_answers_204_as_often_as_asked(world, planner):
    made = package(world, state=910, reserved_at=None)
    for _ in range(2):
        answer = planner.post(f"/packages/{made.id}/command/", {"slug": "reschedule"})
        assert (answer.status_code, answer.content) == (204, b"")
    assert Order.objects.get().planning_state == "new"
    assert events_of(made.id) == [("package.created", 1)]


def test_refuse_and_reschedule_in_bulk(world, planner):
    one, two, three, reason = package(world), package(world), package(world), denial_reason()
    body = {
        "slug": "refuse-from-waiting",
        "packages": [one.id, {"package": two.id, "denial_reason": 10**9}, 10**9],
        "parameters": {"denial_reason": reason},
    }
    rows = planner.post("/packages/bulk-command/", body).json()["verdicts"]
    assert rows[0] == {"package": one.id, "done": True, "state": "910"}
    assert list(rows[1]["errors"]) == ["denial_reason"]
    assert rows[2]["code"] == "not_found"
    again = planner.post("/packages/bulk-command/", {"slug": "reschedule", "packages": [one.id, three.id]})
    rows = again.json()["verdicts"]
    assert rows[0] == {"package": one.id, "done": True, "state": "910"}
    assert list(rows[1]["errors"]) == ["transition"]


def test_manual_planning_answers_204_or_names_what_is_missing(planner):
    world = build(stock_of_each=1)
    made, taken = package(world), package(world, at="ST1", lines=(("SKU-B", 1),))
    path, first, second = f"/packages/{made.id}/command/", *made.item_ids
    body: dict[str, Any] = {"slug": "manual-planning-from-waiting"}
    short = planner.post(path, {**body, "assignment_groups": [[[first], "WH1"], [[second], "ST1"]]})
    assert short.status_code == 406
    assert short.json()["missing"] == [
        {
            "stock_location": world.locations["ST1"],
            "erp_code": "ST1",
            "sku": "SKU-B",
            "have": "0",
            "wanted": "1",
        }
    ]
    bad = planner.post(path, {**body, "assignment_groups": [[first, "WH1"]]})
    assert (bad.status_code, bad.json()) == (
        400,
        {"assignment_groups": [f"Items {second} of package {made.number} are in no group."]},
    )
    good = planner.post(path, {**body, "assignment_groups": [{"package_items": [first], "erp_code": "ST1"}, [second, "WH1"]]})  # fmt: skip  # noqa: E501
    assert (good.status_code, good.content) == (204, b"")
    record = planner.get(f"/packages/{made.id}/").json()
    found = planner.get("/packages/resolve/", number=made.number).json()["results"]
    assert [row["number"] for row in record["children"]] == [row["number"] for row in found]
    assert [row["stock_location_erp_code"] for row in found] == ["ST1", "WH1"]
    assert Package.objects.get(pk=taken.id).state == 100


def test_an_operator_learns_nothing_of_other_locations_by_planning_onto_them(world):
    made = package(world)
    operator = caller("location_operator", location_ids=[world.locations["WH1"]])
    body = {"slug": "manual-planning-from-waiting", "assignment_groups": [[*made.item_ids, "ST1"]]}
    answer = operator.post(f"/packages/{made.id}/command/", body)
    assert (answer.status_code, answer.json()) == (
        400,
        {"assignment_groups.0.erp_code": ["No active stock location has the ERP code 'ST1'."]},
    )


def test_the_offer_describes_the_form_of_each_command(world, planner):
    made = package(world)
    offers = {o["slug"]: o["parameters"] for o in planner.get(f"/packages/{made.id}/").json()["commands"]}
    assert set(offers["refuse-from-waiting"]["properties"]) == {"denial_reason", "note"}
    assert offers["refuse-from-waiting"]["required"] == ["denial_reason"]
    assert offers["manual-planning-from-waiting"]["required"] == ["assignment_groups"]
    assert offers["product-not-found-from-waiting"]["required"] == ["package_items"]


def at_once(bodies: Sequence[dict[str, Any]], package_id: int) -> list[tuple[int, bytes]]:
    clients = [caller("planner", username=f"planner-{n}") for n in range(len(bodies))]
    barrier = Barrier(len(bodies))

    def run(n: int) -> tuple[int, bytes]:
        try:
            barrier.wait(timeout=LONG_SECONDS)
            answer = clients[n].post(f"/packages/{package_id}/command/", bodies[n])
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(run, range(len(bodies))))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_of_operators_refusing_preparing_packing_and_planning_at_once_one_wins(turn):
    world, reason = build(), denial_reason()
    made = package(world)
    bodies = [
        {"slug": "refuse-from-waiting", "denial_reason": reason},
        {"slug": "deallocate-reservations"},
        {"slug": "complete-packaging-from-waiting"},
        {"slug": "manual-planning-from-waiting", "assignment_groups": [[*made.item_ids, "ST1"]]},
        {"slug": "product-not-found-advanced-from-waiting", "package_items": [made.item_ids[0]]},
    ]
    states = [910, 200, 500, 900, 900]
    bodies, states = bodies[turn:] + bodies[:turn], states[turn:] + states[:turn]
    answers = at_once(bodies, made.id)
    assert sorted(status for status, _ in answers) == [204, 400, 400, 400, 400]
    winner = next(n for n, (status, _) in enumerate(answers) if status == 204)
    assert Package.objects.get(pk=made.id).state == states[winner]
    assert [f"({states[winner]}) now".encode() in content for status, content in answers if status == 400] == [True] * 4  # fmt: skip  # noqa: E501
    assert len([e for e in events_of(made.id) if e[0] == "package.status.transitioned"]) == 1
    assert check() == []
    living = Package.objects.filter(state__lt=400).count()
    assert sum(quota(world).values()) == living


@pytest.mark.django_db(transaction=True)
def test_two_refusals_of_a_package_in_preparation_restore_its_stock_once():
    world, reason = build(), denial_reason()
    made = package(world)
    caller("planner").post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    body = {"slug": "refuse-from-preparing", "denial_reason": reason}
    answers = at_once([body, body, {"slug": "complete-packaging-from-preparing"}], made.id)
    assert sorted(status for status, _ in answers) == [204, 400, 400]
    packed = Package.objects.get(pk=made.id).state == 500
    back = Decimal(99) if packed else Decimal(100)
    assert balances(world) == {"SKU-A": (back, Decimal(0)), "SKU-B": (back, Decimal(0))}
    assert check() == []


@pytest.mark.django_db(transaction=True)
def test_two_packages_planned_onto_the_last_unit_at_once_end_with_one_of_them_there():
    world = build(stock_of_each=2)
    one, two = package(world, lines=(("SKU-A", 2),)), package(world, at="ST1", lines=(("SKU-A", 1),))
    three = package(world, at="ST1", lines=(("SKU-B", 1),))
    clients = [caller("planner", username=f"p-{n}") for n in range(2)]
    swap = [
        (one, {"slug": "manual-planning-from-waiting", "assignment_groups": [[*one.item_ids, "ST1"]]}),
        (two, {"slug": "manual-planning-from-waiting", "assignment_groups": [[*two.item_ids, "WH1"]]}),
    ]
    barrier = Barrier(2)

    def run(n: int) -> int:
        try:
            barrier.wait(timeout=LONG_SECONDS)
            return clients[n].post(f"/packages/{swap[n][0].id}/command/", swap[n][1]).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(run, range(2)))
    assert set(statuses) <= {204, 406}
    assert check() == []
    for code in ("WH1", "ST1"):
        assert all(reserved <= on_hand for on_hand, reserved in balances(world, code).values())
    held = sum(
        PackageItem.objects.filter(package__state=100).values_list("quantity", flat=True), start=Decimal(0)
    )
    assert held == Decimal(4)
    assert sum(quota(world).values()) == 3
    assert Package.objects.get(pk=three.id).state == 100
    assert ledger("consume") == []

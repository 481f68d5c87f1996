"""Refuse with Denial Reason and Reschedule: what is freed, written, excluded and asked of the planner."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from ambar.kit.refusals import Invalid, NotFound
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.states.models import TransitionLog
from ambar.oms.stock.queries import check
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
FULL = {"SKU-A": (Decimal(100), Decimal(0)), "SKU-B": (Decimal(100), Decimal(0))}


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def reason(db: None) -> PackageDenialReason:
    return PackageDenialReason.objects.create(title="Damaged", created_at=T0, modified_at=T0)


def run(package_id: int, slug: str, **parameters):
    return run_command(package_id, slug=slug, parameters=parameters, user_id=5, now=LATER)


def exclusions() -> list[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_item_id, location_id, reason FROM oms_planning_exclusion ORDER BY order_item_id, location_id"
        )
        return list(cursor.fetchall())


@pytest.mark.parametrize(
    ("state", "before", "slug"),
    [
        (100, (), "refuse-from-waiting"),
        (150, (), "refuse-from-waiting-remote-action"),
        (200, (), "refuse-from-preparing"),
    ],
)
def test_a_refused_package_frees_its_stock_and_quota_and_its_order_is_planned_again(
    world, reason, state, before, slug
):
    made = package(world, state=state)
    assert quota(world) == {"WH1": 1, "ST1": 0}
    verdict = run(made.id, slug, denial_reason=reason.pk, note="box is wet")
    assert verdict.state == 910
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.modified_at) == (910, LATER)
    assert set(PackageItem.objects.values_list("state", flat=True)) == {910}
    assert balances(world) == FULL
    assert quota(world) == {"WH1": 0, "ST1": 0}
    assert ledger("release") == [(item, Decimal(-1)) for item in made.item_ids]
    order = Order.objects.get()
    assert (order.planning_state, order.hold_reason) == ("new", "")
    items = OrderItem.objects.order_by("id").values_list("pk", flat=True)
    assert exclusions() == [(item, world.locations["WH1"], "refused: Damaged") for item in items]
    assert events_of(made.id) == [
        ("package.created", 1), ("package.status.transitioned", 2), ("package.refused", 3),
    ]  # fmt: skip
    assert check() == []


def test_the_reason_stands_in_the_log_row(world, reason):
    made = package(world)
    run(made.id, "refuse-from-waiting", denial_reason=reason.pk, note="box is wet")
    log = TransitionLog.objects.filter(kind="package", object_id=made.id).latest("id")
    assert log.attributes["denial_reason"] == {"id": reason.pk, "title": "Damaged", "note": "box is wet"}
    assert (log.user_id, log_of(made.id)[-1]) == (5, ("100", "910", "REFUSE_WITH_DENIAL_REASON"))


def test_what_deallocate_consumed_comes_back_exactly_once(world, reason):
    made = package(world)
    run(made.id, "deallocate-reservations")
    assert balances(world)["SKU-A"] == (Decimal(99), Decimal(0))
    run(made.id, "refuse-from-preparing", denial_reason=reason.pk)
    assert balances(world) == FULL
    assert not PackageItem.objects.filter(stock_taken_at__isnull=False).exists()
    assert check() == []
    with pytest.raises(Invalid):
        run(made.id, "refuse-from-preparing", denial_reason=reason.pk)
    assert balances(world) == FULL


def test_at_an_outside_engine_nothing_was_consumed_and_nothing_comes_back(world, reason):
    from ambar.oms.locations.models import StockLocation

    made = package(world)
    StockLocation.objects.filter(pk=world.locations["WH1"]).update(engine_id=7)
    run(made.id, "deallocate-reservations")
    run(made.id, "refuse-from-preparing", denial_reason=reason.pk)
    assert balances(world) == FULL
    assert check() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "denial_reason"),
        ({"denial_reason": None}, "denial_reason"),
        ({"denial_reason": "1"}, "denial_reason"),
        ({"denial_reason": True}, "denial_reason"),
        ({"denial_reason": 1.5}, "denial_reason"),
        ({"denial_reason": 0}, "denial_reason"),
        ({"denial_reason": -3}, "denial_reason"),
        ({"denial_reason": 10**30}, "denial_reason"),
        ({"denial_reason": 10**9}, "denial_reason"),
        ({"denial_reason": "inactive"}, "denial_reason"),
        ({"denial_reason": "good", "note": 5}, "note"),
        ({"denial_reason": "good", "note": "a\x00"}, "note"),
        ({"denial_reason": "good", "note": "x" * 1001}, "note"),
        ({"denial_reason": "good", "colour": 1}, "colour"),
    ],
)
def test_a_bad_reason_changes_nothing_and_names_the_field(world, reason, given, field):
    gone = PackageDenialReason.objects.create(title="Old", is_active=False, created_at=T0, modified_at=T0)
    named = {"good": reason.pk, "inactive": gone.pk}
    made = package(world)
    before = picture(made.id)
    with pytest.raises(Invalid) as refusal:
        run(made.id, "refuse-from-waiting", **{k: named.get(v, v) if isinstance(v, str) and k == "denial_reason" and v in named else v for k, v in given.items()})  # fmt: skip  # noqa: E501
    assert list(refusal.value.fields) == [field]
    assert picture(made.id) == before
    assert exclusions() == []
    assert Order.objects.get().planning_state == "planned"


@pytest.mark.parametrize("state", [300, 910, 920])
def test_other_states_cannot_be_refused(world, reason, state):
    made = package(world, state=state, reserved_at="" if state == 300 else None)
    before = picture(made.id)
    with pytest.raises(Invalid) as refusal:
        run(made.id, "refuse-from-waiting", denial_reason=reason.pk)
    assert f"({state}) now" in refusal.value.fields["transition"][0]
    assert picture(made.id) == before


def test_many_are_refused_at_once_each_with_its_own_reason(world, reason):
    other = PackageDenialReason.objects.create(title="Closed", created_at=T0, modified_at=T0)
    one, two, three, four = (package(world) for _ in range(4))
    verdicts = run_many(
        "refuse-from-waiting",
        [one.id, two.id, three.id, four.id, 10**9],
        parameters={
            one.id: {"denial_reason": reason.pk},
            two.id: {"denial_reason": other.pk},
            three.id: {"denial_reason": 10**9},
            10**9: {"denial_reason": reason.pk},
        },
        now=LATER,
    )
    assert [v.refusal and v.refusal.code for v in verdicts] == [None, None, "invalid", "invalid", "not_found"]
    assert list(Package.objects.order_by("id").values_list("state", flat=True)) == [910, 910, 100, 100]
    assert {reason for _, _, reason in exclusions()} == {"refused: Damaged", "refused: Closed"}
    assert balances(world)["SKU-A"] == (Decimal(100), Decimal(2))
    assert list(Order.objects.order_by("id").values_list("planning_state", flat=True)) == [
        "new", "new", "planned", "planned",
    ]  # fmt: skip


def test_refusing_many_takes_few_statements(world, reason, django_assert_max_num_queries):
    ids = [package(world).id for _ in range(12)]
    with django_assert_max_num_queries(32):
        verdicts = run_many(
            "refuse-from-waiting", ids, parameters={i: {"denial_reason": reason.pk} for i in ids}, now=LATER
        )
    assert {v.state for v in verdicts} == {910}


def test_somebody_of_another_location_cannot_refuse(world, reason):
    made = package(world)
    before = picture(made.id)
    with pytest.raises(NotFound):
        run_command(
            made.id,
            slug="refuse-from-waiting",
            parameters={"denial_reason": reason.pk},
            location_ids=[world.locations["ST1"]],
            now=LATER,
        )
    assert picture(made.id) == before


@pytest.mark.parametrize(("state", "slug"), [(910, "reschedule"), (920, "reschedule-out-of-stock")])
def test_reschedule_asks_the_planner_and_leaves_the_package_alone(world, state, slug):
    made = package(world, state=state, reserved_at=None)
    row, items, entries, used, events, log = picture(made.id)
    for _ in range(3):
        assert run(made.id, slug).state == state
    assert picture(made.id) == (row, items, entries, used, events, [*log, *[(str(state), str(state), "RESCHEDULE")] * 3])  # fmt: skip  # noqa: E501
    order = Order.objects.get()
    assert (order.planning_state, order.due_at) == ("new", None)


def test_only_what_waits_for_the_planner_is_rescheduled(world):
    made = package(world)
    before = picture(made.id)
    for slug in ("reschedule", "reschedule-out-of-stock"):
        with pytest.raises(Invalid):
            run(made.id, slug)
    assert picture(made.id) == before
    assert Order.objects.get().planning_state == "planned"

"""Manual Planning: one package becomes several, by hand; all of it or nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from ambar.kit.refusals import Conflict, Invalid
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning.models import Decision
from ambar.oms.states.models import TransitionLog
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
SLUGS = {
    100: "manual-planning-from-waiting",
    150: "manual-planning-from-waiting-remote-action",
    200: "manual-planning-from-preparing",
    300: "manual-planning-from-waiting-for-transfer",
    400: "manual-planning-from-ready",
    910: "manual-planning-from-needs-rescheduling",
    920: "manual-planning-from-out-of-stock",
}


@pytest.fixture
def world(db: None) -> World:
    return build()


def plan(package_id: int, groups, *, state: int = 100, location_ids=None):
    return run_command(
        package_id,
        slug=SLUGS[state],
        parameters={"assignment_groups": groups},
        location_ids=location_ids,
        user_id=5,
        now=LATER,
    )


def successors(package_id: int) -> list[Package]:
    return list(Package.objects.filter(lineage__contains=[package_id]).order_by("id"))


def contents(row: Package) -> list[tuple[str, Decimal, int]]:
    return [
        (item.order_item.sku, item.quantity, item.state)
        for item in PackageItem.objects.filter(package=row).select_related("order_item").order_by("id")
    ]


def test_a_package_becomes_one_per_group_with_stock_reserved_there(world):
    made = package(world)
    verdict = plan(
        made.id, [[made.item_ids[0], "WH1"], {"package_items": [made.item_ids[1]], "erp_code": "ST1"}]
    )
    assert verdict.state == 900
    one, two = successors(made.id)
    assert [(p.location_id, p.state, p.lineage) for p in (one, two)] == [
        (world.locations["WH1"], 100, [made.id]),
        (world.locations["ST1"], 100, [made.id]),
    ]
    assert [contents(p) for p in (one, two)] == [
        [("SKU-A", Decimal(1), 100)], [("SKU-B", Decimal(1), 100)],
    ]  # fmt: skip
    base = Package.objects.get(pk=made.id).order_number
    assert [p.number for p in (one, two)] == [f"{base}P2", f"{base}P3"]
    assert balances(world) == {"SKU-A": (Decimal(100), Decimal(1)), "SKU-B": (Decimal(100), Decimal(0))}
    assert balances(world, "ST1") == {
        "SKU-A": (Decimal(100), Decimal(0)),
        "SKU-B": (Decimal(100), Decimal(1)),
    }
    assert quota(world) == {"WH1": 1, "ST1": 1}
    assert check() == []


def test_the_old_package_is_cancelled_without_touching_the_marketplace_item(world):
    made = package(world)
    plan(made.id, [[*made.item_ids, "ST1"]])
    row = Package.objects.get(pk=made.id)
    assert (row.state, row.sync_pending_at) == (900, None)
    assert events_of(made.id) == [
        ("package.created", 1), ("package.status.cancelled", 2), ("package.status.transitioned", 3),
    ]  # fmt: skip
    (new,) = successors(made.id)
    assert events_of(new.pk) == [("package.created", 1)]
    assert log_of(made.id)[-1] == ("100", "900", "MANUAL_PLANNING")
    log = TransitionLog.objects.filter(kind="package", object_id=made.id).latest("id")
    assert (log.attributes["packages"], log.user_id) == ([new.pk], 5)
    assert set(OrderItem.objects.values_list("state", flat=True)) == {400}
    assert Order.objects.get().planning_state == "planned"


def test_the_choice_is_on_record_as_a_manual_decision(world):
    made = package(world)
    plan(made.id, [[*made.item_ids, "ST1"]])
    (new,) = successors(made.id)
    decision = Decision.objects.get(pk=new.decision_id)
    assert (decision.order_id, decision.at, decision.outcome) == (new.order_id, LATER, "manual")


@pytest.mark.parametrize("state", sorted(SLUGS))
def test_every_state_before_packing_can_be_planned_by_hand(world, state):
    made = package(world, state=state, reserved_at=None if state in (910, 920) else "")
    assert plan(made.id, [[*made.item_ids, "ST1"]], state=state).state == 900
    (new,) = successors(made.id)
    assert (new.state, new.location_id) == (100, world.locations["ST1"])
    assert balances(world)["SKU-A"] == (Decimal(100), Decimal(0))
    assert balances(world, "ST1")["SKU-A"] == (Decimal(100), Decimal(1))
    assert quota(world) == {"WH1": 0, "ST1": 1}
    assert check() == []


def test_consumed_stock_goes_back_on_the_shelf_once(world):
    made = package(world)
    run_command(made.id, slug="deallocate-reservations", now=LATER)
    plan(made.id, [[*made.item_ids, "ST1"]], state=200)
    assert balances(world) == {"SKU-A": (Decimal(100), Decimal(0)), "SKU-B": (Decimal(100), Decimal(0))}
    (new,) = successors(made.id)
    run_command(new.pk, slug="deallocate-reservations", now=LATER)
    assert balances(world, "ST1")["SKU-A"] == (Decimal(99), Decimal(0))
    assert check() == []


def test_a_package_may_stay_where_it_is_with_the_last_units(db):
    world = build(stock_of_each=1)
    made = package(world)
    plan(made.id, [[made.item_ids[0], "WH1"], [made.item_ids[1], "WH1"]])
    assert [p.location_id for p in successors(made.id)] == [world.locations["WH1"]] * 2
    assert balances(world) == {"SKU-A": (Decimal(1), Decimal(1)), "SKU-B": (Decimal(1), Decimal(1))}
    assert quota(world) == {"WH1": 2, "ST1": 0}


def test_too_little_stock_there_names_place_sku_and_figures_and_changes_nothing(db):
    world = build(stock_of_each=3)
    made = package(world, lines=(("SKU-A", 2), ("SKU-B", 1)))
    package(world, at="ST1", lines=(("SKU-A", 2),))
    before, orders = picture(made.id), list(Order.objects.order_by("id").values())
    with pytest.raises(Conflict) as refusal:
        plan(made.id, [[made.item_ids[0], "ST1"], [made.item_ids[1], "WH1"]])
    assert refusal.value.as_dict() == {
        "code": "not_enough_stock",
        "en": "Not enough stock: ST1 has 1 of SKU-A, 2 wanted.",
        "missing": [
            {
                "stock_location": world.locations["ST1"],
                "erp_code": "ST1",
                "sku": "SKU-A",
                "have": "1",
                "wanted": "2",
            }
        ],
    }
    assert picture(made.id) == before
    assert list(Order.objects.order_by("id").values()) == orders
    assert Package.objects.count() == 2
    assert not Decision.objects.exists()


def test_what_the_groups_get_wrong_is_named_field_by_field(world):
    made, other = package(world), package(world)
    StockLocation.objects.create(name="Closed", erp_code="OLD", is_active=False)
    before = picture(made.id)
    first, second = made.item_ids
    for groups, fields in (
        ([[first, "WH1"]], {"assignment_groups"}),
        ([[first, "WH1"], [first, second, "ST1"]], {"assignment_groups.1.package_items"}),
        ([[first, first, second, "WH1"]], {"assignment_groups.0.package_items"}),
        ([[first, second, other.item_ids[0], "WH1"]], {"assignment_groups.0.package_items"}),
        ([[first, second, "NOWHERE"]], {"assignment_groups.0.erp_code"}),
        ([[first, "WH1"], [second, "OLD"]], {"assignment_groups.1.erp_code"}),
        ([], {"assignment_groups"}),
        ("WH1", {"assignment_groups"}),
        (None, {"assignment_groups"}),
        ([[first, second, 5]], {"assignment_groups.0"}),
        ([{"package_items": [first, second]}], {"assignment_groups.0.erp_code"}),
        ([{"package_items": ["x"], "erp_code": "WH1"}], {"assignment_groups.0.package_items.0"}),
    ):
        with pytest.raises(Invalid) as refusal:
            plan(made.id, groups)
        assert set(refusal.value.fields) == fields, groups
        assert picture(made.id) == before
    with pytest.raises(Invalid) as missing:
        run_command(made.id, slug=SLUGS[100], now=LATER)
    assert list(missing.value.fields) == ["assignment_groups"]


def test_a_caller_bound_to_locations_plans_onto_its_own_only(world):
    made = package(world)
    before = picture(made.id)
    own = [world.locations["WH1"]]
    with pytest.raises(Invalid) as foreign:
        plan(made.id, [[*made.item_ids, "ST1"]], location_ids=own)
    with pytest.raises(Invalid) as unknown:
        plan(made.id, [[*made.item_ids, "XX1"]], location_ids=own)
    (told,), (untold,) = foreign.value.fields.values(), unknown.value.fields.values()
    assert told[0].replace("ST1", "XX1") == untold[0]
    assert picture(made.id) == before
    assert plan(made.id, [[*made.item_ids, "WH1"]], location_ids=own).state == 900


def test_a_packed_package_is_not_planned_again(world):
    made = package(world)
    run_command(made.id, slug="complete-packaging-from-waiting", now=LATER)
    before = picture(made.id)
    for state in SLUGS:
        with pytest.raises(Invalid) as refusal:
            plan(made.id, [[*made.item_ids, "ST1"]], state=state)
        assert "Packed (500) now" in refusal.value.fields["transition"][0]
    assert picture(made.id) == before


def test_one_that_does_not_fit_holds_up_no_other(db):
    world = build(stock_of_each=2)
    one, two, three = (package(world, at=at, lines=(("SKU-A", 1),)) for at in ("WH1", "WH1", "ST1"))
    verdicts = run_many(
        SLUGS[100],
        [one.id, two.id],
        parameters={p.id: {"assignment_groups": [[p.item_ids[0], "ST1"]]} for p in (one, two)},
        now=LATER,
    )
    assert [v.refusal and v.refusal.code for v in verdicts] == [None, "not_enough_stock"]
    assert Package.objects.get(pk=two.id).state == 100
    assert balances(world, "ST1")["SKU-A"] == (Decimal(2), Decimal(2))
    assert balances(world)["SKU-A"] == (Decimal(2), Decimal(1))
    assert Package.objects.get(pk=three.id).state == 100
    assert quota(world) == {"WH1": 1, "ST1": 2}
    assert check() == []

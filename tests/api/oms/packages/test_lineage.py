from __future__ import annotations

import pytest

from ambar.kit.accounts.models import AuditEntry
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import NewPackage, StateChange
from ambar.oms.packages.models import Package, PackageItem
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import T0, World, build, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def replace(world: World, package_id: int, at: str, *, times: int = 1):
    """The package is cancelled and `times` new ones stand in its place, as the planner does it."""
    row = Package.objects.get(pk=package_id)
    items = tuple(
        PackageItem.objects.filter(package=row).values_list("order_item_id", "product_id", "quantity")
    )
    made = packages.create(
        [
            NewPackage(
                order_id=row.order_id,
                location_id=world.locations[at],
                state=920,
                items=items,
                lineage=(row.pk,),
            )
            for _ in range(times)
        ],
        now=T0,
    )
    cancel(row.pk)
    return made


def cancel(package_id: int) -> None:
    row = Package.objects.get(pk=package_id)
    change = StateChange(
        package_id=row.pk, from_state=row.state, to_state=900, command_code="PLANNING", slug="replanned"
    )
    packages.change_states([change], now=T0)


def resolve(who: Caller, number: str) -> list[str]:
    return [row["number"] for row in who.get("/packages/resolve/", number=number).json()["results"]]


def test_a_living_package_resolves_to_itself(world, planner):
    made = package(world)
    assert resolve(planner, made.number) == [made.number]


def test_every_old_number_resolves_to_what_lives_of_it(world, planner):
    first = package(world, state=920, reserved_at=None)
    two, three = replace(world, first.id, "ST1", times=2)
    (four,) = replace(world, two.id, "WH1")
    other = package(world)
    assert resolve(planner, first.number) == [three.number, four.number]
    assert resolve(planner, two.number) == [four.number]
    assert resolve(planner, three.number) == [three.number]
    assert resolve(planner, other.number) == [other.number]
    row = planner.get("/packages/resolve/", number=two.number).json()["results"][0]
    assert row == planner.get("/packages/short/", number=four.number).json()["results"][0]


def test_a_package_cancelled_for_good_resolves_to_none(world, planner):
    made = package(world, state=920, reserved_at=None)
    cancel(made.id)
    assert resolve(planner, made.number) == []


@pytest.mark.parametrize("query", [{}, {"number": ""}, {"number": "a\x00"}])
def test_a_bad_question_names_the_field(planner, query):
    answer = planner.get("/packages/resolve/", **query)
    assert (answer.status_code, list(answer.json())) == (400, ["number"])


def test_an_unknown_filter_is_named(world, planner):
    answer = planner.get("/packages/resolve/", number=package(world).number, colour="red")
    assert (answer.status_code, answer.json()) == (400, {"colour": ["Unknown filter. Known: number."]})


def test_an_unknown_number_is_not_found(planner):
    assert planner.get("/packages/resolve/", number="no-such").status_code == 404


def test_who_is_bound_sees_own_packages_only(world, planner):
    first = package(world, state=920, reserved_at=None)
    (here, there) = replace(world, first.id, "ST1")[0], package(world)
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    assert resolve(operator, first.number) == [here.number]
    foreign = operator.get("/packages/resolve/", number=there.number)
    missing = operator.get("/packages/resolve/", number="no-such")
    assert (
        (foreign.status_code, foreign.json())
        == (missing.status_code, missing.json())
        == (404, missing.json())
    )
    assert AuditEntry.objects.filter(action="foreign_id_refused", object_id=there.id).count() == 1
    left = caller("location_operator", username="left", location_ids=[world.locations["WH1"]])
    assert resolve(left, first.number) == []


def test_the_record_names_parents_and_children(world, planner):
    first = package(world, state=920, reserved_at=None)
    two, three = replace(world, first.id, "ST1", times=2)
    records = {i: planner.get(f"/packages/{i}/").json() for i in (first.id, two.id)}
    assert records[first.id]["parents"] == []
    assert records[first.id]["children"] == [
        {"id": two.id, "number": two.number}, {"id": three.id, "number": three.number},
    ]  # fmt: skip
    assert records[two.id]["parents"] == [{"id": first.id, "number": first.number}]
    assert records[two.id]["children"] == []
    assert records[two.id]["denial_reason"] is None


def test_resolving_costs_few_statements_however_long_the_life(world, planner, django_assert_max_num_queries):
    first = package(world, state=920, reserved_at=None)
    living = first.id
    for _ in range(6):
        living = replace(world, living, "ST1")[0].id
    with django_assert_max_num_queries(12):
        assert resolve(planner, first.number) == [Package.objects.get(pk=living).number]

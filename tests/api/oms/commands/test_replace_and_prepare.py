"""Replace Product and Prepare Package: other goods in a package, missing ones planned again, in one step."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ambar.oms.catalogue.models import Product
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages.models import Package, PackageItem
from ambar.oms.planning.models import Exclusion
from ambar.oms.states.models import StateTransition, TransitionLog
from ambar.oms.stock.counts import Counted, set_on_hand
from tests.worlds import oms_books as books
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, balances, build, events_of, package, quota

pytestmark = pytest.mark.django_db
LINES = (("SKU-A", 2), ("SKU-B", 3))


@pytest.fixture
def world(db):
    world = build()
    world.products["SKU-C"] = Product.objects.create(
        sku="SKU-C", name="Product C", weight=Decimal("0.700")
    ).pk
    on_hand = [
        Counted(location_id=place, product_id=world.products["SKU-C"], on_hand=Decimal(10))
        for place in world.locations.values()
    ]
    set_on_hand(on_hand, reason="test", cause=None, now=T0)
    return world


@pytest.fixture
def floor(world):
    return caller("planner")


def replace(floor, made, *swaps, slug="replace-product-waiting"):
    body = {"slug": slug, "replacement_products": list(swaps)}
    return floor.post(f"/packages/{made.id}/command/", body)


def prepare(floor, made, **given):
    body = {"slug": "prepare-package", "select_items_by_omnitron_id": False, **given}
    return floor.post(f"/packages/{made.id}/command/", body)


def free(world) -> dict[str, tuple[int, int]]:
    return {sku: (int(has), int(held)) for sku, (has, held) in balances(world).items()}


def last_log(package_id) -> dict:
    return TransitionLog.objects.filter(kind="package", object_id=package_id).latest("id").attributes


def test_the_old_goods_are_free_and_the_new_ones_held(world, floor):
    made = package(world, lines=LINES)
    assert free(world) == {"SKU-A": (100, 2), "SKU-B": (100, 3), "SKU-C": (10, 0)}
    answer = replace(floor, made, {"package_item": made.item_ids[0], "sku": "SKU-C"})
    assert answer.status_code == 204, answer.content
    assert free(world) == {"SKU-A": (100, 0), "SKU-B": (100, 3), "SKU-C": (10, 2)}
    assert Package.objects.get(pk=made.id).state == 100
    item = floor.get(f"/packages/{made.id}/").json()["packageitem_set"][0]
    assert item["order_item"]["product"]["sku"] == "SKU-C"
    assert item["extra_data"] == {"replaced_sku": "SKU-A"}
    assert item["unit_weight"] == "0.700"
    listed = floor.get("/packages/package-items/", package=made.id).json()["results"]
    assert {row["id"]: row["extra_data"] for row in listed} == {
        made.item_ids[0]: {"replaced_sku": "SKU-A"},
        made.item_ids[1]: {},
    }
    assert last_log(made.id)["replaced"] == [
        {"package_item": made.item_ids[0], "from": "SKU-A", "to": "SKU-C", "missing": False}
    ]
    assert [name for name, _ in events_of(made.id)][-1] == "package.status.transitioned"
    floor.post(f"/packages/{made.id}/command/", {"slug": "complete-packaging-from-waiting"})
    assert free(world) == {"SKU-A": (100, 0), "SKU-B": (97, 0), "SKU-C": (8, 0)}
    assert books.wrong() == {}


def test_missing_goods_are_written_off_and_others_are_not(world, floor):
    made = package(world, lines=LINES)
    a, b = made.item_ids
    answer = replace(
        floor,
        made,
        {"package_item": a, "sku": "SKU-C", "missing": True},
        {"package_item": b, "sku": "SKU-A"},
    )
    assert answer.status_code == 204, answer.content
    assert free(world) == {"SKU-A": (98, 3), "SKU-B": (100, 0), "SKU-C": (10, 2)}
    assert books.wrong() == {}


@pytest.mark.parametrize("missing", [False, True])
def test_what_was_consumed_is_put_back_and_the_new_goods_are_consumed(world, floor, missing):
    made = package(world, lines=LINES)
    floor.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    assert free(world)["SKU-A"] == (98, 0)
    swap = {"package_item": made.item_ids[0], "sku": "SKU-C", "missing": missing}
    assert replace(floor, made, swap, slug="replace-product-preparing").status_code == 204
    assert free(world) == {"SKU-A": (98 if missing else 100, 0), "SKU-B": (97, 0), "SKU-C": (8, 0)}
    again = {"package_item": made.item_ids[0], "sku": "SKU-A"}
    assert replace(floor, made, again, slug="replace-product-preparing").status_code == 204
    assert free(world)["SKU-C"] == (10, 0)
    assert "extra_data" not in floor.get(f"/packages/{made.id}/").json()["packageitem_set"][0]
    assert books.wrong() == {}


def test_without_stock_nothing_changes(world, floor):
    made = package(world, lines=(("SKU-A", 11),))
    before = books.picture()
    answer = replace(floor, made, {"package_item": made.item_ids[0], "sku": "SKU-C", "missing": True})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_enough_stock")
    assert answer.json()["missing"][0]["sku"] == "SKU-C"
    assert books.changed(before, books.picture()) == []


def test_wrong_wishes_are_named(world, floor):
    made, other = package(world, lines=LINES), package(world, lines=LINES)
    Product.objects.filter(sku="SKU-B").update(is_active=False)
    number = Package.objects.get(pk=made.id).number
    item, foreign = made.item_ids[0], other.item_ids[0]
    before = books.picture()
    for swaps, said in (
        ([{"package_item": foreign, "sku": "SKU-C"}], f"{foreign} is not an item of package {number}."),
        ([{"package_item": item, "sku": "NONE"}], "No active product has the SKU 'NONE'."),
        ([{"package_item": item, "sku": "SKU-B"}], "No active product has the SKU 'SKU-B'."),
        ([{"package_item": item, "sku": "SKU-A"}], f"Item {item} is SKU-A already."),
        ([{"package_item": item, "sku": "SKU-C"}] * 2, f"Item {item} is named twice."),
    ):
        answer = replace(floor, made, *swaps)
        assert (answer.status_code, answer.json()) == (400, {"replacement_products": [said]})
    assert replace(floor, made).json().keys() == {"replacement_products"}
    assert books.changed(before, books.picture()) == []


def test_a_bulk_call_replaces_until_the_stock_is_used_up(world, floor):
    made = [package(world, lines=(("SKU-A", 4),)) for _ in range(3)]
    answer = floor.post(
        "/packages/bulk-command/",
        {
            "slug": "replace-product-waiting",
            "packages": [
                {
                    "package": one.id,
                    "replacement_products": [{"package_item": one.item_ids[0], "sku": "SKU-C"}],
                }
                for one in made
            ],
        },
    )
    assert [row["done"] for row in answer.json()["verdicts"]] == [True, True, False]
    assert free(world)["SKU-C"] == (10, 8)
    assert books.wrong() == {}


def test_packages_whose_item_was_replaced_in_one_only_are_not_merged(world, floor):
    made = package(world, lines=(("SKU-A", 4),))
    parted = {"package_item": made.item_ids[0], "quantity": "1"}
    floor.post(f"/packages/{made.id}/command/", {"slug": "split-from-waiting", "package_items": [parted]})
    stays, goes = Package.objects.filter(state=100).order_by("id")
    item = PackageItem.objects.get(package=goes)
    body = {
        "slug": "replace-product-waiting",
        "replacement_products": [{"package_item": item.pk, "sku": "SKU-C"}],
    }
    assert floor.post(f"/packages/{goes.pk}/command/", body).status_code == 204
    answer = floor.post(
        f"/packages/{stays.pk}/command/", {"slug": "merge-from-waiting", "packages": [goes.pk]}
    )
    assert answer.status_code == 400
    assert "replaced by another product" in answer.json()["packages"][0]
    assert books.wrong() == {}


def test_prepare_does_it_all_in_one_call_and_answers_what_is_left(world, floor):
    made = package(world, lines=(("SKU-A", 2), ("SKU-B", 3)))
    a, b = made.item_ids
    answer = prepare(
        floor,
        made,
        missing_items=[b],
        replacement_products=[{"package_item": a, "sku": "SKU-C"}],
        barcodes=[{"package_item": a, "barcodes": ["869001", "869002"]}],
    )
    assert answer.status_code == 200, answer.content
    told = answer.json()
    kept = Package.objects.get(pk=told["package"])
    assert (told["number"], told["stock_location"], told["state"]) == (kept.number, kept.location_id, "200")
    assert kept.lineage == [made.id]
    assert [
        (row["order_item"]["product"]["sku"], row["quantity"], row["extra_data"])
        for row in told["package_items"]
    ] == [("SKU-C", "2.00", {"barcodes": ["869001", "869002"], "replaced_sku": "SKU-A"})]
    old = Package.objects.get(pk=made.id)
    gone = Package.objects.exclude(pk__in=[kept.pk, old.pk]).get()
    assert (old.state, kept.state, gone.state) == (900, 200, 910)
    assert old.sync_pending_at is None
    assert last_log(old.pk)["kept_in"] == kept.pk
    assert last_log(old.pk)["missing_items"] == [b]
    assert last_log(kept.pk)["prepared_from"] == old.number
    assert free(world) == {"SKU-A": (100, 0), "SKU-B": (97, 0), "SKU-C": (10, 2)}
    assert quota(world)["WH1"] == 1
    assert Exclusion.objects.filter(location_id=kept.location_id).count() == 1
    assert Order.objects.get(pk=old.order_id).planning_state == "new"
    assert books.wrong() == {}


def test_prepare_with_nothing_to_tell_only_moves_the_package(world, floor):
    made = package(world, lines=LINES)
    answer = prepare(floor, made)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["package"], answer.json()["state"]) == (made.id, "200")
    assert [row["id"] for row in answer.json()["package_items"]] == list(made.item_ids)
    assert free(world)["SKU-A"] == (100, 2)
    assert books.wrong() == {}


def test_items_can_be_named_by_their_upstream_id(world, floor):
    made = package(world, lines=LINES)
    upstream = list(
        OrderItem.objects.filter(packageitem__package=made.id)
        .order_by("id")
        .values_list("upstream_id", flat=True)
    )
    answer = prepare(floor, made, select_items_by_omnitron_id=True, missing_items=[upstream[0]])
    assert answer.status_code == 200, answer.content
    assert [row["order_item"]["omnitron_id"] for row in answer.json()["package_items"]] == [upstream[1]]


def test_a_package_of_which_everything_is_missing_is_planned_again_whole(world, floor):
    made = package(world, lines=LINES)
    answer = prepare(floor, made, missing_items=list(made.item_ids), reason="wrong_product")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["package"], answer.json()["state"], answer.json()["package_items"]) == (
        made.id,
        "910",
        [],
    )
    assert quota(world)["WH1"] == 0
    assert books.wrong() == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"missing_items": [10**9]}, "missing_items"),
        ({"missing_items": ["first", "first"]}, "missing_items"),
        (
            {"missing_items": ["first"], "replacement_products": [{"package_item": "first", "sku": "SKU-C"}]},
            "replacement_products",
        ),
        (
            {"missing_items": ["first"], "barcodes": [{"package_item": "first", "barcodes": ["1"]}]},
            "barcodes",
        ),
        ({"barcodes": [{"package_item": "first", "barcodes": []}]}, "barcodes.0.barcodes"),
        ({"select_items_by_omnitron_id": "yes"}, "select_items_by_omnitron_id"),
        ({"replacement_products": [{"package_item": "first", "sku": "NONE"}]}, "replacement_products"),
    ],
)
def test_what_can_not_be_prepared_is_named_and_changes_nothing(world, floor, given, field):
    made = package(world, lines=LINES)

    def real(value):
        if isinstance(value, list):
            return [real(one) for one in value]
        if isinstance(value, dict):
            return {key: real(one) for key, one in value.items()}
        return made.item_ids[0] if value == "first" else value

    before = books.picture()
    answer = prepare(floor, made, **real(given))
    assert answer.status_code == 400
    assert set(answer.json()) == {field}
    assert books.changed(before, books.picture()) == []


def test_whether_items_are_named_upstream_has_to_be_said(world, floor):
    made = package(world, lines=LINES)
    answer = floor.post(f"/packages/{made.id}/command/", {"slug": "prepare-package"})
    assert (answer.status_code, set(answer.json())) == (400, {"select_items_by_omnitron_id"})


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("PKG_STATE_TRANSITION", {}),
        ("DETECTED_OUT_OF_STOCK_ITEM", {"missing_items": [0]}),
        ("REPLACE_PRODUCT", {"replacement_products": [{"package_item": 0, "sku": "SKU-C"}]}),
    ],
)
def test_the_transitions_it_runs_on_the_way_must_be_active(world, floor, code, given):
    made = package(world, lines=LINES)
    StateTransition.objects.filter(command_code=code).update(is_active=False)
    real = {
        "missing_items": [made.item_ids[0]],
        "replacement_products": [{"package_item": made.item_ids[0], "sku": "SKU-C"}],
    }
    answer = prepare(floor, made, **{name: real[name] for name in given})
    assert (answer.status_code, answer.json()["code"]) == (406, "transition_missing")
    assert answer.json()["command_codes"] == [code]
    assert Package.objects.get(pk=made.id).state == 100


def test_the_same_key_gets_the_same_answer(world, floor):
    made = package(world, lines=LINES)
    body = {
        "slug": "prepare-package",
        "select_items_by_omnitron_id": False,
        "missing_items": [made.item_ids[0]],
    }
    first = floor.post(f"/packages/{made.id}/command/", body, Idempotency_Key="k1")
    again = floor.post(f"/packages/{made.id}/command/", body, Idempotency_Key="k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 200


def test_a_bulk_call_answers_for_each(world, floor):
    made = [package(world, lines=LINES) for _ in range(2)]
    answer = floor.post(
        "/packages/bulk-command/",
        {
            "slug": "prepare-package",
            "packages": [
                {
                    "package": made[0].id,
                    "select_items_by_omnitron_id": False,
                    "missing_items": [made[0].item_ids[0]],
                },
                {"package": made[1].id, "select_items_by_omnitron_id": False},
            ],
        },
    ).json()
    assert [row["state"] for row in answer["verdicts"]] == ["900", "200"]
    assert [row["answer"]["state"] for row in answer["verdicts"]] == ["200", "200"]
    assert books.wrong() == {}

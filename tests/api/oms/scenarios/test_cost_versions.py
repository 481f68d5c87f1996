"""Versions of the shipping cost table: every change is kept, one call goes back, two editors do not overwrite each other."""

import pytest

from ambar.oms.scenarios.models import ShippingCost, ShippingCostVersion
from ambar.oms.scenarios.queries import rules_snapshot
from tests.api.oms.scenarios.test_transfer_scenarios import put
from tests.worlds.callers import caller

pytestmark = pytest.mark.django_db
COSTS = "/shipping-costs/"
CITY = {"zone": "same_city", "parcel": "49.90", "per_kg": "4.50"}
ABROAD = {"zone": "abroad", "parcel": "250.00", "per_kg": "40.00"}


@pytest.fixture
def planner():
    return caller("planner")


def versions(planner):
    return planner.get(f"{COSTS}versions/").json()["results"]


def test_every_change_is_kept_with_author_note_time_and_the_hash_planners_use(planner):
    put(planner, COSTS, {"costs": [ABROAD, CITY], "note": "contract of May"})
    first = rules_snapshot()[0]
    row = ShippingCost.objects.get(zone="same_city")
    planner.patch(f"{COSTS}{row.pk}/", {"parcel": "55.00", "note": "dearer"})
    put(planner, COSTS, {"costs": [CITY | {"parcel": "55.00"}, ABROAD], "note": "the same again"})
    kept = versions(planner)
    assert [(one["version"], one["act"], one["author"], one["note"]) for one in kept] == [
        (2, "changed", "planner", "dearer"),
        (1, "changed", "planner", "contract of May"),
    ]
    assert kept[1]["costs"] == [CITY, ABROAD]
    assert kept[1]["rules_hash"] == first
    assert kept[0]["rules_hash"] == rules_snapshot()[0] != first
    assert planner.get(f"{COSTS}versions/1/").json() == kept[1]
    assert planner.get(f"{COSTS}versions/9/").status_code == 404


def test_one_call_brings_an_earlier_table_back_as_a_new_version(planner):
    put(planner, COSTS, {"costs": [CITY]})
    first, row = rules_snapshot()[0], ShippingCost.objects.get()
    put(planner, COSTS, {"costs": [CITY | {"parcel": "60.00"}, ABROAD]})
    answer = planner.post(f"{COSTS}go-back/", {"version": 1, "note": "too dear"})
    assert answer.status_code == 200
    assert [(one["zone"], one["parcel"], one["per_kg"]) for one in answer.json()["results"]] == [
        ("same_city", "49.90", "4.50")
    ]
    assert ShippingCost.objects.get().pk == row.pk
    assert rules_snapshot()[0] == first
    assert next((one["version"], one["act"], one["note"]) for one in versions(planner)) == (
        3,
        "went_back",
        "too dear",
    )
    assert planner.post(f"{COSTS}go-back/", {"version": 77}).status_code == 404
    assert caller("viewer").post(f"{COSTS}go-back/", {"version": 2}).status_code == 403
    assert ShippingCostVersion.objects.count() == 3


def test_a_change_of_what_somebody_else_saved_meanwhile_is_refused(planner):
    put(planner, COSTS, {"costs": [CITY], "expected_version": 0})
    put(planner, COSTS, {"costs": [CITY, ABROAD], "expected_version": 1})
    refused = put(planner, COSTS, {"costs": [], "expected_version": 1})
    assert (refused.status_code, refused.json()["version"]) == (406, 2)
    row = ShippingCost.objects.get(zone="abroad")
    late = planner.patch(f"{COSTS}{row.pk}/", {"parcel": "1", "expected_version": 1})
    back = planner.post(f"{COSTS}go-back/", {"version": 1, "expected_version": 1})
    assert (late.status_code, back.status_code) == (406, 406)
    assert ShippingCost.objects.count() == 2
    assert len(versions(planner)) == 2


def test_before_the_first_version_only_nought_is_expected(planner):
    refused = put(planner, COSTS, {"costs": [CITY], "expected_version": 3})
    assert (refused.status_code, list(refused.json())) == (400, ["expected_version"])
    assert ShippingCost.objects.count() == 0


def test_a_table_older_than_the_versions_becomes_the_first_of_them(planner):
    put(planner, COSTS, {"costs": [CITY]})
    ShippingCostVersion.objects.all().delete()
    put(planner, COSTS, {"costs": [ABROAD]})
    kept = versions(planner)
    assert [(one["version"], one["act"], one["author"], one["costs"]) for one in kept] == [
        (2, "changed", "planner", [ABROAD]),
        (1, "found", "", [CITY]),
    ]
    assert kept[0]["rules_hash"] == rules_snapshot()[0] != kept[1]["rules_hash"]


def test_the_list_of_versions_costs_the_same_however_many(planner, django_assert_max_num_queries):
    for amount in range(1, 6):
        put(planner, COSTS, {"costs": [CITY | {"parcel": str(amount)}]})
    with django_assert_max_num_queries(8):
        assert len(versions(planner)) == 5

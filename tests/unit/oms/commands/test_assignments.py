from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ambar.oms.commands.domain.assignments import as_group, uncovered
from ambar.oms.commands.packages.manual_planning import ManualPlanningParameters


@pytest.mark.parametrize(
    "given", [{"package_items": [1, 2], "erp_code": "WH1"}, [[1, 2], "WH1"], [1, 2, "WH1"]]
)
def test_a_group_is_an_object_or_a_list_of_items_and_a_code(given):
    wish = ManualPlanningParameters.model_validate({"assignment_groups": [given]})
    assert [(g.package_items, g.erp_code) for g in wish.assignment_groups] == [([1, 2], "WH1")]


@pytest.mark.parametrize(
    "given",
    [
        [], [[1], 5], [1, 2], "WH1", None, 7, [[], "WH1"], ["WH1"], [["1"], "WH1"], [[True], "WH1"], [[1.0], "WH1"],
        {"package_items": [], "erp_code": "WH1"}, {"package_items": [1]}, {"erp_code": "WH1"},
        {"package_items": [0], "erp_code": "WH1"}, {"package_items": [2**63], "erp_code": "WH1"},
        {"package_items": [1], "erp_code": ""}, {"package_items": [1], "erp_code": "a\x00"},
        {"package_items": [1], "erp_code": "WH1", "colour": 1},
    ],
)  # fmt: skip
def test_anything_else_is_refused(given):
    with pytest.raises(ValidationError):
        ManualPlanningParameters.model_validate({"assignment_groups": [given]})


def test_every_item_stands_in_exactly_one_group():
    assert uncovered([[1, 3], [2]], [1, 2, 3], number="A1P1") == {}
    assert uncovered([[1], [1, 9]], [1, 2, 3], number="A1P1") == {
        "assignment_groups.1.package_items": [
            "Item 1 is named twice.",
            "9 is not an item of package A1P1.",
        ],
        "assignment_groups": ["Items 2, 3 of package A1P1 are in no group."],
    }
    assert list(uncovered([[1, 1]], [1], number="A1P1")) == ["assignment_groups.0.package_items"]


@given(
    st.lists(st.lists(st.integers(1, 8), min_size=1, max_size=4), min_size=1, max_size=4),
    st.sets(st.integers(1, 8)),
)
def test_nothing_is_wrong_exactly_when_the_groups_are_a_partition(groups, items):
    flat = sorted(item for group in groups for item in group)
    assert (uncovered(groups, items, number="P") == {}) == (flat == sorted(items))


def test_what_is_not_a_group_is_left_for_the_schema_to_refuse():
    assert as_group([[1], 5]) == [[1], 5]
    assert as_group(None) is None

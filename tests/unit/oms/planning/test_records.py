"""Records of both versions are read the same way, and old ones still replay to what was decided."""

from decimal import Decimal

from ambar.oms.planning.domain.engine import plan
from ambar.oms.planning.domain.recording import digest, matrix, outcome, pack, seen_by, unpack
from ambar.oms.planning.domain.spreading import left_of, quota_of, rules_of, stock_of
from ambar.oms.scenarios.domain.rules import read_rules
from tests.unit.oms.planning.planning_world import NOW, location, order, placed, rule, rules, scenario, view

VERSION_1 = {
    "v": 1,
    "scenario": 1,
    "stock": {"7": [[1, 2], ["10", "15.000"]]},
    "used": {"1": 3, "2": 0},
    "rules": [
        {
            "rule": 1,
            "lines": [0],
            "removed": [],
            "ranked": [[1, 1], [2, 2]],
            "split": "free",
            "took": [[0, 1, "10"], [0, 2, "3"]],
        }
    ],
    "left": [],
}


def test_a_decision_of_version_1_is_read_and_planned_again_as_it_was():
    seen = seen_by(VERSION_1, {1: location(1), 2: location(2)}, "v")
    planned = plan(order((7, 13)), rules(), seen, NOW)
    assert outcome(planned.record) == outcome(VERSION_1)
    assert stock_of(VERSION_1) == {7: {1: 10000, 2: 15000}}
    assert quota_of(VERSION_1) == {1: 3, 2: 0}
    assert rules_of(VERSION_1)[0]["ranked"] == [[1, 1], [2, 2]]
    cells = matrix(VERSION_1, [(7, Decimal(13))])
    assert [(cell["location"], cell["kept"], cell["took"]) for cell in cells] == [
        (1, True, "10"),
        (2, True, "3"),
    ]


def test_a_snapshot_of_scenarios_alone_still_parses_with_its_old_hash():
    bare, named = read_rules([scenario()]), read_rules({"scenarios": [scenario()]})
    assert bare.scenarios == named.scenarios
    assert read_rules(bare.source).hash == bare.hash
    assert read_rules(named.source).hash == named.hash
    assert bare.scenarios[0].replan_in_part is False


def test_a_record_survives_packing_and_the_digest_covers_all_of_the_plan():
    stock = view({1: {7: 2}, 2: {7: Decimal("1.5")}})
    planned = plan(order((7, Decimal("4.25"))), rules(), stock, NOW)
    assert unpack(pack(planned.record)) == planned.record
    assert left_of(planned.record) == [[0, "0.75"]]
    other = plan(
        order((7, Decimal("4.25"))), rules(scenario(rule(), initial_status_multiple=100)), stock, NOW
    )
    assert outcome(other.record) == outcome(planned.record)
    assert digest(other) != digest(planned)


def test_two_bundles_that_share_a_part_never_get_the_part_twice():
    """Trap 4: the parts of two bundles are lines of their own; the shared part is counted once."""
    asked = order((7, 1), (8, 1), (7, 1), (9, 1))
    stock = view({1: {7: 1, 8: 1, 9: 1}, 2: {7: 1}})
    whole = rules(scenario(rule(split_policy="whole_order")))
    assert [package.state for package in plan(asked, whole, stock, NOW).packages] == [920]
    planned = plan(asked, rules(scenario(rule(split_policy="whole_lines"))), stock, NOW)
    assert placed(planned) == {(1, 150): {100: "1", 101: "1", 103: "1"}, (2, 150): {102: "1"}}


def test_a_location_that_refused_shows_in_the_matrix_with_its_reason():
    planned = plan(order((7, 1, {1: "refused 10:32"})), rules(), view({1: {7: 5}, 2: {7: 5}}), NOW)
    cells = matrix(planned.record, [(7, Decimal(1), {1: "refused 10:32"})], locations=[3])
    assert [(cell["location"], cell["because"]) for cell in cells] == [
        (1, ["refused", "refused 10:32"]),
        (2, None),
        (3, ["stock", "0", "1"]),
    ]

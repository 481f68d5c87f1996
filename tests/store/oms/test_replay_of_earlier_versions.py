"""Decisions an earlier release stored replay, or it is told how many cannot and why."""

import json
from decimal import Decimal

import orjson
import pytest

from ambar.oms.planning.actions import replay
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.planning.domain import recording
from ambar.oms.planning.models import Decision, Snapshot
from ambar.oms.scenarios.models import DistributionRule
from tests.worlds.oms_planning import (
    NOW,
    make_locations,
    make_orders,
    make_products,
    make_rule,
    make_scenario,
    put_stock,
    replayed,
)


@pytest.fixture
def decided(db):
    """Three decisions, the last of them partly out of stock."""
    places, (product,) = make_locations(2, max_quota=9), make_products(1)
    put_stock({(places[0], product): 3, (places[1], product): 2})
    scenario = make_scenario(places[0], rules=[make_rule(selectors=["SELECT_BY_QUOTA", "SELECT_BY_STOCK"])])
    make_orders([[(product, quantity)] for quantity in (1, 2, 4)])
    plan_orders(limit=10, now=NOW)
    assert Decision.objects.count() == 3
    return scenario


def run():
    code, text = replayed("--all", "--json")
    return code, json.loads(text)


def as_version_1(row: Decision) -> None:
    """The decision as the first release kept it: plain JSON, decimals as text, columns as `[locations, figures]`."""
    record = dict(row.record)
    at = record.pop("at")

    def counted(entries):
        return [[*entry[:-1], f"{Decimal(entry[-1]) / 1000:f}"] for entry in entries]

    record |= {
        "v": 1,
        "stock": {
            product: [at, [f"{Decimal(have) / 1000:f}" for have in column]]
            for product, column in record["stock"].items()
        },
        "used": dict(zip(map(str, at), record["used"], strict=True)),
        "left": counted(record["left"]),
        "rules": [noted | {"took": counted(noted["took"])} for noted in record["rules"]],
    }
    row.body, row.digest = orjson.dumps({"asked": row.asked, "record": record}), "of another form"
    row.save()


def rewrite(kind: str, change) -> None:
    """The snapshot as another release wrote it, under the hash the decisions name."""
    row = Snapshot.objects.get(kind=kind)
    change(row.body)
    row.save()


def test_records_of_the_first_version_replay_beside_those_of_today(decided):
    for row in Decision.objects.order_by("pk")[:2]:
        as_version_1(row)
    code, said = run()
    assert (code, said["same"], said["versions"]) == (0, 3, {"1": 2, "2": 1})


def test_a_record_of_the_first_version_that_comes_out_otherwise_is_different(decided):
    row = Decision.objects.order_by("pk").first()
    as_version_1(row)
    record = {**row.record, "left": [[0, "1"]]}
    row.body = orjson.dumps({"asked": row.asked, "record": record})
    row.save()
    code, said = run()
    assert (code, said["same"], said["reasons"]) == (1, 2, {"different: other packages than before": 1})


def test_decisions_under_scenarios_that_were_changed_since_replay_under_those_of_then(decided):
    DistributionRule.objects.all().delete()
    decided.delete()
    assert run()[1]["same"] == 3


def test_a_record_of_a_later_release_is_told_by_its_version(decided):
    row = Decision.objects.order_by("pk").last()
    row.body = recording.pack({"asked": row.asked, "record": {**row.record, "v": 9}})
    row.save()
    code, said = run()
    assert (code, said["same"], said["unreadable"], said["versions"]) == (1, 2, 1, {"2": 2, "9": 1})
    assert said["reasons"] == {"unreadable: its record is of version 9, this release reads 1, 2": 1}


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        (
            "rules",
            lambda body: body["scenarios"][0]["rules"][0].update(
                location_condition={"field": "moon_phase", "op": "eq", "value": 1}
            ),
            "the rules then say what this release does not know",
        ),
        ("locations", lambda body: body[0].pop("priority"), "the locations then had no 'priority'"),
        ("locations", lambda body: body[0].update(priority=77), "a snapshot is not what its hash says"),
    ],
)
def test_snapshots_this_release_cannot_read_are_counted_with_the_reason_and_stop_nothing(
    decided, kind, change, reason
):
    rewrite(kind, change)
    code, said = run()
    assert (code, said["unreadable"], len(said["reasons"])) == (1, 3, 1)
    assert reason in next(iter(said["reasons"]))
    assert {one.verdict for one in replay.replay()} == {"unreadable"}


def test_a_body_that_is_damaged_is_one_unreadable_decision(decided):
    row = Decision.objects.order_by("pk").first()
    row.body = b"xx"
    row.save()
    code, said = run()
    assert (code, said["same"], said["unreadable"], said["versions"]) == (1, 2, 1, {"2": 2, "?": 1})

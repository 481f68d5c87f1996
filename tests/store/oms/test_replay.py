"""A stored decision holds all that planning needs to decide the same again."""

import json
from decimal import Decimal

import orjson
import pytest
from django.core.management import CommandError

from ambar.oms.planning import attempts, store
from ambar.oms.planning.actions import replay
from ambar.oms.planning.actions.plan_orders import plan_orders
from ambar.oms.planning.domain import recording
from ambar.oms.planning.models import Decision, Snapshot
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
    """Five decisions under two rules, with quota and stock running out."""
    places = make_locations(3, max_quota=3)
    products = make_products(3)
    put_stock({(place, product): 4 for place in places for product in products})
    blue = {"field": "sku", "op": "ends_with", "value": "1"}
    make_scenario(
        places[0],
        rules=[
            make_rule(product_mode="only", product_condition=blue, selectors=["SELECT_BY_STOCK"]),
            make_rule(split_policy="whole_lines", selectors=["SELECT_BY_QUOTA", "SELECT_BY_PRIORITY"]),
        ],
    )
    ids = make_orders([[(product, quantity) for product in products] for quantity in (1, 2, 3, 4, 5)])
    plan_orders(limit=10, now=NOW)
    assert Decision.objects.count() == 5
    return ids


def test_every_decision_replays_bit_for_bit(decided):
    assert [one.verdict for one in replay.replay()] == ["same"] * 5
    assert replayed("--all") == (
        0,
        "5 decisions are the same bit for bit, 0 different, 0 unreadable; 0 made by people were passed by.\n",
    )


def test_a_decision_that_comes_out_otherwise_is_named_and_fails_the_command(decided):
    row = Decision.objects.order_by("pk").first()
    record = {**row.record, "left": [[0, 1000]]}
    row.body = recording.pack({"asked": row.asked, "record": record})
    row.digest = "0" * 32
    row.save()
    code, text = replayed("--all", "--json")
    said = json.loads(text)
    assert (code, said["same"], said["different"]) == (1, 4, 1)
    assert said["failed"] == [
        {
            "decision": row.pk,
            "order": decided[0],
            "verdict": "different",
            "reason": "other packages than before",
        }
    ]


def test_it_goes_on_after_a_decision_and_takes_one_order_alone(decided):
    ids = list(Decision.objects.order_by("pk").values_list("pk", flat=True))
    assert [one.decision_id for one in replay.replay(after=ids[2])] == ids[3:]
    assert [one.order_id for one in replay.replay(order_id=decided[1])] == [decided[1]]
    assert json.loads(replayed("--order", "A2", "--json")[1])["same"] == 1
    with pytest.raises(CommandError, match="There is no order nowhere") as stopped:
        replayed("--order", "nowhere")
    assert stopped.value.returncode == 2


def test_decisions_of_people_are_counted_and_passed_by(decided):
    store.add_manual(decided[0], [(1, [(1, 1, Decimal(2))])], package_id=1, user_id=None, now=NOW)
    said = json.loads(replayed("--all", "--json")[1])
    assert (said["same"], said["manual"]) == (5, 1)


def test_a_lost_snapshot_is_said_not_passed_over(decided):
    Snapshot.objects.filter(kind="rules").delete()
    code, text = replayed("--all", "--json")
    assert (code, json.loads(text)["unreadable"]) == (1, 5)


def test_decisions_kept_as_plain_json_are_read_as_well(decided):
    for row in Decision.objects.all():
        row.body = orjson.dumps({"asked": row.asked, "record": row.record})
        row.save()
    row = Decision.objects.first()
    assert attempts.unpacked(row.body) == (row.asked, row.record)
    assert [one.verdict for one in replay.replay()] == ["same"] * 5

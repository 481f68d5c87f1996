"""What the Seller Center is sent when packages are split and merged: `split.json` and `merge.json` of the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.packages.models import PackageItem
from tests.contract.oms.test_package_events_match_the_golden_messages import GOLDEN, shape
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db
SENT = ("package.created", "package.status.cancelled")
"""Of what happens here, the types that the Seller Center has a hook for."""


def agreed(name: str) -> list[dict[str, Any]]:
    return json.loads((GOLDEN / f"{name}.json").read_text())["messages"]


def sent_since(before: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, payload FROM outbox_event WHERE kind = 'package' AND id > %s AND type = ANY(%s) ORDER BY id",
            [before, list(SENT)],
        )
        return [{"event": {"type": row[0]}, "payload": json.loads(row[1])} for row in cursor.fetchall()]


def last_event() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM outbox_event")
        return cursor.fetchone()[0]


def told(messages: list[dict[str, Any]], names: dict[int, int]) -> list[Any]:
    """Of each message what tells packages apart; ids as the contract counts them, items by the place of their order item."""
    lines = sorted(
        {item["order_item"]["omnitron_id"] for m in messages for item in m["payload"]["packageitem_set"]}
    )
    return [
        (
            message["event"]["type"],
            message["payload"]["number"][-2:],
            message["payload"]["sequence"],
            message["payload"]["state"]["enum_value"],
            [names[one] for one in message["payload"]["lineage"]],
            [
                (lines.index(item["order_item"]["omnitron_id"]), item["quantity"], item["state"])
                for item in message["payload"]["packageitem_set"]
            ],
        )
        for message in messages
    ]


def test_split_and_merge_send_what_the_contract_says():
    listen(*SENT)
    made = package(build())
    second = PackageItem.objects.filter(package_id=made.id).order_by("-id").first()
    names = {made.id: 1}
    same = {n: n for n in range(1, 5)}

    before = last_event()
    run_command(made.id, slug="split-from-waiting", parameters={"package_items": [second.pk]}, now=T0)
    split = sent_since(before)
    names |= {m["payload"]["id"]: int(m["payload"]["number"][-1]) for m in split}
    assert told(split, names) == told(agreed("split"), same)
    assert [shape(m["payload"]).keys() for m in split] == [
        shape(m["payload"]).keys() for m in agreed("split")
    ]

    stays, apart = (pk for pk, no in sorted(names.items(), key=lambda one: one[1]) if no > 1)
    before = last_event()
    run_command(stays, slug="merge-from-waiting", parameters={"packages": [apart]}, now=T0)
    merged = sent_since(before)
    names |= {m["payload"]["id"]: int(m["payload"]["number"][-1]) for m in merged}
    assert told(merged, names) == told(agreed("merge"), same)

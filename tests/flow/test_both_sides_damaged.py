"""Rows deleted on both sides of a running hand-over: one `ambar oms reconcile --apply` mends all of it, a second finds nothing.

W20 and D9 of the faults: both sides lose different events, as after a restore from a backup, with everything real.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from ambar.cli import systems
from ambar.cli.demo import command
from ambar.cli.demo.proof import all_offered, prove
from ambar.cli.demo.stage import Stage
from ambar.cli.demo.traffic import Traffic
from tests.faults.watching import LONG_SECONDS, until

pytestmark = pytest.mark.processes

ORDERS = 40
SHARE = 0.15


class Silent(command.Screen):
    """A screen that tells nobody."""

    def __init__(self) -> None:
        super().__init__(as_json=True)

    def line(self, text: str) -> None:
        pass

    note = line


@pytest.fixture(scope="module")
def stage():
    home = Path(tempfile.mkdtemp(prefix="ambar-flow-", dir="/var/tmp"))
    home.chmod(0o755)
    kept = {
        key: os.environ.pop(key)
        for key in ("AMBAR_TEST_SERVER", "AMBAR_TEST_RUN", "AMBAR_HOME")
        if key in os.environ
    }
    screen = Silent()
    one = Stage(
        home=home,
        ports={system.module: systems.free_port() for system in systems.SYSTEMS},
        on_event=screen.note,
    )
    try:
        world = command.set_up(one, seed=11, line=screen.line)
        traffic = Traffic(one.wire("omnitron"), world, seed=11, count=ORDERS, rate=60, on_error=screen.note)
        traffic.start()
        until(lambda: traffic.finished and planned(one), "every order planned")
        yield one
    finally:
        one.stop()
        os.environ.update(kept)
        shutil.rmtree(home, ignore_errors=True)


def planned(stage: Stage) -> bool:
    """Every order is at the OMS and planned, every event of its packages is applied."""
    oms, center = stage.wire("oms"), stage.wire("seller_center", token=stage.tokens["seller_oms"])
    if not all_offered(stage):
        return False
    handover = "/api/v1/applications/oms/handover/"
    return (
        0
        < center.get(handover)["orders"]["offered"]
        == oms.count("/api/v1/oms/orders/", planning_state="planned")
        and oms.count("/api/v1/whisperer/hook_events/", delivered="false") == 0
        and not any(row["waiting"] for row in center.get(handover)["events"].values())
    )


def ambar_oms(stage: Stage, *arguments: str) -> tuple[int, dict]:
    """(exit code, the JSON it said) of a command of the OMS."""
    done = subprocess.run(
        [sys.executable, "-m", "ambar.oms", *arguments, "--json"],
        env=stage.supervisor.environment(systems.OMS),
        capture_output=True,
        text=True,
        timeout=LONG_SECONDS,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def rows(stage: Stage, system: systems.System, statement: str, *values) -> list[tuple]:
    url = stage.supervisor.environment(system)[system.environment_key]
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(statement, values)
        return found.fetchall() if found.description else []


def delete(stage: Stage, system: systems.System, where: str, ids: list[int]) -> None:
    rows(stage, system, f"DELETE FROM {where} = ANY(%s)", ids)


def lose_packages(stage: Stage, system: systems.System, ids: list[int]) -> None:
    prefix = "oms_packages" if system is systems.OMS else "sc_packages"
    if system is systems.SELLER_CENTER:
        delete(stage, system, "sc_packages_packagehistory WHERE package_id", ids)
    delete(stage, system, f"{prefix}_packageitem WHERE package_id", ids)
    delete(stage, system, f"{prefix}_package WHERE id", ids)


def take_back(stage: Stage, but_for: list[int]) -> None:
    """Have the hub cancel some orders, of every second one the first line only, and wait until that is done everywhere."""
    hub = stage.wire("omnitron")
    others = "SELECT array_agg(number) FROM oms_orders_order WHERE id <> ALL(%s)"
    items = rows(
        stage,
        systems.OMNITRON,
        "SELECT o.id, array_agg(i.id ORDER BY i.id) FROM omnitron_orders_order o JOIN omnitron_orders_orderitem i ON i.order_id = o.id"
        " WHERE o.number = ANY(%s) GROUP BY 1 ORDER BY 1 LIMIT 6",
        rows(stage, systems.OMS, others, but_for)[0][0],
    )
    assert len(items) > 1
    for n, (order_id, lines) in enumerate(items):
        chosen = lines[:1] if n % 2 else lines
        hub.post(f"/api/v1/orders/{order_id}/cancel/", {"order": order_id, "cancel_items": chosen})
    done = "SELECT count(*) FROM omnitron_cancellations_cancellationplan WHERE status = 'completed'"
    until(lambda: rows(stage, systems.OMNITRON, done)[0][0] >= len(items), "all cancelled")


def test_what_both_sides_lost_is_mended_in_one_run_and_a_second_finds_nothing(stage):
    chance = random.Random(11)
    ours = rows(
        stage,
        systems.OMS,
        "SELECT number, id, order_id, count(*) OVER (PARTITION BY order_id) FROM oms_packages_package p WHERE NOT EXISTS"
        " (SELECT 1 FROM oms_transfers_transfer t JOIN oms_packages_package x ON x.id = t.package_id WHERE x.order_id = p.order_id)",
    )
    theirs = {
        number: (pk, order_id)
        for number, pk, order_id in rows(
            stage,
            systems.SELLER_CENTER,
            "SELECT number, id, order_id FROM sc_packages_package WHERE origin = 'oms'",
        )
    }
    whole = [row for row in ours if row[3] == 1]
    chance.shuffle(whole)
    share = max(2, int(len(theirs) * SHARE))
    orders_here, orders_there, packages_here, packages_there, changed = (
        whole[n * share : (n + 1) * share] for n in range(5)
    )
    assert len(changed) == share

    lose_packages(stage, systems.OMS, [row[1] for row in (*orders_here, *packages_here)])
    delete(stage, systems.OMS, "oms_orders_orderitem WHERE order_id", [row[2] for row in orders_here])
    delete(stage, systems.OMS, "oms_orders_order WHERE id", [row[2] for row in orders_here])
    lose_packages(stage, systems.SELLER_CENTER, [theirs[row[0]][0] for row in packages_there])
    rows(
        stage,
        systems.SELLER_CENTER,
        "UPDATE sc_packages_package SET state_code = 700, status = 4 WHERE number = ANY(%s)",
        [row[0] for row in changed],
    )
    order_ids = [theirs[row[0]][1] for row in orders_there]
    every = "SELECT id FROM sc_packages_package WHERE order_id = ANY(%s)"
    lose_packages(
        stage, systems.SELLER_CENTER, [pk for (pk,) in rows(stage, systems.SELLER_CENTER, every, order_ids)]
    )
    delete(stage, systems.SELLER_CENTER, "sc_orders_orderitem WHERE order_id", order_ids)
    delete(stage, systems.SELLER_CENTER, "sc_orders_order WHERE id", order_ids)

    price = "UPDATE oms_orders_orderitem SET price = price + 1 WHERE id IN (SELECT min(id) FROM oms_orders_orderitem WHERE order_id = %s)"
    rows(stage, systems.OMS, price, changed[0][2])
    street = "UPDATE sc_orders_order SET document = jsonb_set(document, '{shipping_address,line}', '\"Elsewhere 1\"') WHERE id = %s"
    rows(stage, systems.SELLER_CENTER, street, theirs[changed[1][0]][1])

    code, preview = ambar_oms(stage, "reconcile")
    assert (code, preview["state"], preview["repaired"]) == (1, "ready", 0)
    assert preview["unknown"] == []
    damaged = [one["fields"][0]["field"] for one in preview["conflicts"] if one["case"] == "same_version"]
    assert sorted(damaged) == ["items", "shipping_address.line"]
    remedies = {one["remedy"] for one in preview["conflicts"]}
    assert remedies >= {"tell_again", "restore_from_there", "read_again", "give_back"}

    code, done = ambar_oms(stage, "reconcile", "--apply")
    assert (code, done["state"], done["refused"], done["unconfirmed"]) == (0, "done", 0, 0), done
    assert done["found"] == done["repaired"] == preview["found"] == 7 * share + 2

    code, again = ambar_oms(stage, "reconcile", "--apply")
    assert (code, again["state"], again["found"]) == (0, "done", 0), again["conflicts"]

    until(lambda: planned(stage), "what was mended is planned")
    proof = prove(stage)
    assert (proof.twice, proof.disagreements) == ([], [])
    assert [text for text in proof.lost if "recorded and not taken" not in text] == []

    code, statement = ambar_oms(stage, "statement", "--no-compare")
    assert statement["applied_twice"] == 0 and statement["differences"]["open"] == 0
    assert statement["repaired"]["count"] == done["repaired"]

    take_back(stage, [row[2] for row in whole[: 5 * share]])
    code, again = ambar_oms(stage, "reconcile")
    assert (code, again["state"], again["found"]) == (0, "done", 0), again["conflicts"]

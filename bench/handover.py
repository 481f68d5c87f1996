"""Reconciliation at size: how long equal sides take, what one changed row among them costs, how soon 1 % damage is mended.

    python -m bench.handover [--packages 1000000] [--orders 100000] [--share 0.01]

The demo's own three systems, set up as always; one of their orders is cloned by SQL on both sides, and the command that people use
(`ambar oms reconcile`) is timed, without the start of its process. Prints one line per figure.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from ambar.cli import systems
from ambar.cli.demo import command
from ambar.cli.demo.stage import Stage
from ambar.cli.demo.traffic import Traffic
from ambar.cli.wire import Wire
from ambar.kit import clock

FIRST = 10_000_000
"""Ids of clones begin here."""
AT = "'2026-01-15 09:30:00+00'::timestamptz"
DAYS = 30
MADE = f"{AT} + (k.k % {DAYS}) * interval '1 day' + k.k * interval '1 millisecond'"
STATES = "(ARRAY[200, 500, 600, 700])[1 + k.k % 4]"


class Side:
    """One of the two databases."""

    def __init__(self, stage: Stage, system: systems.System) -> None:
        self.connection = psycopg.connect(
            stage.supervisor.environment(system)[system.environment_key], autocommit=True
        )

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement, if it has any."""
        found = self.connection.execute(statement, values or None)  # type: ignore[arg-type]
        return found.fetchall() if found.description else []

    def clone(self, table: str, where: str, source: str, changed: dict[str, str]) -> None:
        """Copies of the rows of `table` that match `where`, one set per row of `source` (`k.k`), with these columns changed."""
        columns = [
            row[0]
            for row in self.run(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
                table,
            )
        ]
        values = [changed.get(name, f"t.{name}") for name in columns]
        self.run(
            f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values)}"
            f" FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM {table} WHERE {where}) t, {source}"
        )

    def unchecked(self, on: bool) -> None:
        """Whether references are checked row by row; the clones' are right by construction."""
        self.run(f"SET session_replication_role = {'replica' if on else 'origin'}")


def templates(ours: Side, theirs: Side) -> tuple[int, int, str]:
    """An order of one package on both sides: (its id here, its id there, the package's number)."""
    rows = ours.run(
        "SELECT o.id, o.upstream_id, min(p.number) FROM oms_orders_order o JOIN oms_packages_package p ON p.order_id = o.id"
        " WHERE NOT EXISTS (SELECT FROM oms_transfers_transfer t WHERE t.package_id = p.id)"
        " GROUP BY 1, 2 HAVING count(*) = 1 ORDER BY 1"
    )
    known = {row[0] for row in theirs.run("SELECT number FROM sc_packages_package WHERE origin = 'oms'")}
    return next(row for row in rows if row[2] in known)  # type: ignore[return-value]


def fill(ours: Side, theirs: Side, orders: int, per_order: int, *, whole: bool) -> None:
    """Clones on both sides; `whole` with all lines of the packages, and the records the orders came as."""
    here, there, number = templates(ours, theirs)
    ours.unchecked(True)
    theirs.unchecked(True)
    k = f"generate_series(1, {orders}) AS k(k)"
    unread = {} if whole else {"raw": "'{}'::jsonb"}
    moment = f"{AT} + k.k * interval '1 millisecond'"
    print(f"    filling {orders} orders, {orders * per_order} packages on both sides", flush=True)
    theirs.clone("sc_orders_order", f"id = {there}", k, {
        "id": f"{FIRST} + k.k", "upstream_id": f"{FIRST} + k.k", "number": "'B' || k.k", "upstream_number": "'B' || k.k",
        "modified_at": moment, "created_at": moment, "upstream_modified_at": moment,
    })  # fmt: skip
    ours.clone("oms_orders_order", f"id = {here}", k, {
        "id": f"{FIRST} + k.k", "upstream_id": f"{FIRST} + k.k", "number": "'B' || k.k", "upstream_modified_at": moment, **unread,
    })  # fmt: skip
    k2 = f"generate_series(0, {orders * per_order - 1}) AS k(k)"
    order_id, pack = (
        f"{FIRST} + 1 + k.k / {per_order}",
        f"'B' || k.k / {per_order} + 1 || 'P' || k.k % {per_order} + 1",
    )
    ours.clone("oms_packages_package", f"number = '{number}'", k2, {
        "id": f"{FIRST} + k.k", "order_id": order_id, "order_number": f"'B' || k.k / {per_order} + 1", "number": pack,
        "state": STATES, "told_state": STATES, "sequence": "4", "told_sequence": "3", "created_at": MADE,
    })  # fmt: skip
    theirs.clone("sc_packages_package", f"number = '{number}'", k2, {
        "id": f"{FIRST} + k.k", "order_id": order_id, "order_number": f"'B' || k.k / {per_order} + 1", "number": pack,
        "state_code": STATES, "sequence": "3", "made_at": MADE, "remote_id": f"{FIRST} + k.k",
        "tracking_numbers": "'{}'",
    })  # fmt: skip
    _order_lines(ours, theirs, here, there, k)
    if whole:
        _lines(ours, theirs, here, there, number, k)
    else:
        _one_line_each(ours, theirs, number, k2)
    for side in (ours, theirs):
        side.unchecked(False)
        side.run("VACUUM ANALYZE")


def _one_line_each(ours: Side, theirs: Side, number: str, k: str) -> None:
    """The same line of the template in every package: what its mark is made of."""
    for side, prefix in ((ours, "oms_packages"), (theirs, "sc_packages")):
        changed = {"id": f"{FIRST} + k.k", "package_id": f"{FIRST} + k.k"}
        first = f"SELECT min(i.id) FROM {prefix}_packageitem i JOIN {prefix}_package p ON p.id = i.package_id WHERE p.number = '{number}'"
        if side is ours:
            changed["order_item_id"] = f"{FIRST} + k.k"
        side.clone(f"{prefix}_packageitem", f"id = ({first})", k, changed)


def _order_lines(ours: Side, theirs: Side, here: int, there: int, k: str) -> None:
    item = f"({FIRST} + k.k) * 20 + t.n"
    theirs.clone(
        "sc_orders_orderitem",
        f"order_id = {there}",
        k,
        {"id": item, "upstream_id": item, "order_id": f"{FIRST} + k.k"},
    )
    ours.clone(
        "oms_orders_orderitem",
        f"order_id = {here}",
        k,
        {"id": item, "upstream_id": item, "order_id": f"{FIRST} + k.k"},
    )
    ours.run(
        "INSERT INTO oms_upstream_statussync (order_id, order_item_id, order_number, upstream_item_id, package_id, wanted, sent, fields,"
        " version, state, reason, attempts, created_at, modified_at)"
        " SELECT order_id, id, 'B', upstream_id, order_id, state, state, '{}', 1, 'sent', '', 1, now(), now()"
        f" FROM oms_orders_orderitem WHERE order_id >= {FIRST}"
    )


def _lines(ours: Side, theirs: Side, here: int, there: int, number: str, k: str) -> None:
    package = f"(SELECT id FROM oms_packages_package WHERE number = '{number}')"
    line = (
        f"(SELECT count(*) FROM oms_orders_orderitem x WHERE x.order_id = {here} AND x.id <= t.order_item_id)"
    )
    ours.clone("oms_packages_packageitem", f"package_id = {package}", k, {
        "id": f"({FIRST} + k.k) * 20 + t.n", "package_id": f"{FIRST} + k.k - 1", "order_id": f"{FIRST} + k.k",
        "order_item_id": f"({FIRST} + k.k) * 20 + {line}", "state": "(SELECT state FROM oms_packages_package p WHERE p.id = "
        f"{FIRST} + k.k - 1)", "stock_taken_at": AT,
    })  # fmt: skip
    package = f"(SELECT id FROM sc_packages_package WHERE number = '{number}')"
    line = (
        f"(SELECT count(*) FROM sc_orders_orderitem x WHERE x.order_id = {there} AND x.id <= t.order_item_id)"
    )
    theirs.clone("sc_packages_packageitem", f"package_id = {package}", k, {
        "id": f"({FIRST} + k.k) * 20 + t.n", "package_id": f"{FIRST} + k.k - 1", "remote_id": f"({FIRST} + k.k) * 20 + t.n",
        "order_item_id": f"({FIRST} + k.k) * 20 + {line}",
    })  # fmt: skip


def empty(ours: Side, theirs: Side) -> None:
    """Take the clones away."""
    for side, tables in (
        (ours, ("oms_upstream_statussync", "oms_packages_packageitem", "oms_packages_package", "oms_orders_orderitem", "oms_orders_order")),
        (theirs, ("sc_packages_packageitem", "sc_packages_packagehistory", "sc_packages_package", "sc_orders_orderitem", "sc_orders_order")),
    ):  # fmt: skip
        side.unchecked(True)
        for table in tables:
            column = {"sc_packages_packagehistory": "package_id", "oms_packages_packageitem": "package_id",
                      "sc_packages_packageitem": "package_id", "oms_upstream_statussync": "order_id", "oms_orders_orderitem": "order_id", "sc_orders_orderitem": "order_id"}.get(table, "id")  # fmt: skip
            side.run(f"DELETE FROM {table} WHERE {column} >= {FIRST}")
        side.unchecked(False)
        side.run("VACUUM ANALYZE")


def reconcile(stage: Stage, *arguments: str) -> tuple[float, dict[str, Any]]:
    """(seconds from the reconciliation's beginning to its end, what it said) of the command."""
    done = subprocess.run(
        systems.OMS.manage("reconcile", "--json", *arguments),
        env=stage.supervisor.environment(systems.OMS),
        capture_output=True,
        text=True,
    )
    if not done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    told = json.loads(done.stdout)
    return (clock.parse(told["finished_date"]) - clock.parse(told["created_date"])).total_seconds(), told


def damage(ours: Side, theirs: Side, wire: Wire, orders: int, share: float) -> int:
    """Delete `share` of the orders and of the packages on either side, none on both; how many records."""
    count = int(orders * share)
    chosen = random.Random(1).sample(range(1, orders + 1), 4 * count)
    orders_here, packages_here, orders_there, packages_there = (
        [FIRST + k for k in chosen[n * count : (n + 1) * count]] for n in range(4)
    )
    for first in range(0, count, 200):
        ids = orders_there[first : first + 200]
        rows = wire.get("/api/v1/applications/oms/orders/", pk__in=",".join(map(str, ids)), limit=200)[
            "results"
        ]
        ours.run(
            "UPDATE oms_orders_order o SET raw = r.raw FROM unnest(%s::bigint[], %s::jsonb[]) AS r(id, raw) WHERE o.id = r.id",
            [row["pk"] for row in rows],
            [json.dumps(row) for row in rows],
        )
    mine = [pk - 1 for pk in (*orders_here, *packages_here)]
    other = [pk - 1 for pk in (*orders_there, *packages_there)]
    for side, table, ids in (
        (ours, "oms_packages_packageitem WHERE package_id", mine),
        (ours, "oms_packages_package WHERE id", mine),
        (ours, "oms_orders_orderitem WHERE order_id", orders_here),
        (ours, "oms_orders_order WHERE id", orders_here),
        (theirs, "sc_packages_packageitem WHERE package_id", other),
        (theirs, "sc_packages_package WHERE id", other),
        (theirs, "sc_orders_orderitem WHERE order_id", orders_there),
        (theirs, "sc_orders_order WHERE id", orders_there),
    ):
        side.run(f"DELETE FROM {table} = ANY(%s)", ids)
    return 6 * count


def main(packages: int, orders: int, share: float) -> int:
    """Both measurements; 1 when a second pass still finds something."""
    home = Path(tempfile.mkdtemp(prefix="ambar-bench-handover-", dir="/var/tmp"))
    home.chmod(0o755)
    screen = command.Screen(as_json=True)
    stage = Stage(
        home=home,
        ports={system.module: systems.free_port() for system in systems.SYSTEMS},
        on_event=screen.note,
    )
    left = 0
    try:
        world = command.set_up(stage, seed=1, line=screen.line)
        traffic = Traffic(stage.wire("omnitron"), world, seed=1, count=30, rate=60, on_error=screen.note)
        traffic.start()
        ours, theirs = Side(stage, systems.OMS), Side(stage, systems.SELLER_CENTER)
        center = stage.wire("seller_center", token=stage.tokens["seller_oms"])
        _settled(stage, center, traffic)
        fill(ours, theirs, max(1, packages // 10), 10, whole=False)
        seconds, told = reconcile(stage)
        print(
            f"{told['rows']} equal rows ({packages} packages): {seconds:.1f} s, {told['requests']} requests, {told['found']} differ",
            flush=True,
        )
        left += told["found"]
        for change in ("state_code = 100", "invoice_number = 'WRONG'"):
            theirs.run(f"UPDATE sc_packages_package SET {change} WHERE id = {FIRST + packages // 2}")
            seconds, told = reconcile(stage)
            print(
                f"one changed row among them ({change}): found {told['found']} in {told['requests']} requests, {seconds:.1f} s",
                flush=True,
            )
            theirs.run(
                f"UPDATE sc_packages_package p SET state_code = x.state_code, invoice_number = x.invoice_number"
                f" FROM sc_packages_package x WHERE p.id = {FIRST + packages // 2} AND x.id = p.id + 4"
            )
        for name, change, back in (
            ("price", "price = price + 1", "price = price - 1"),
            ("status", "status = 200", "status = 400"),
        ):
            where = f"WHERE order_id = {FIRST + max(1, packages // 20)}"
            theirs.run(f"UPDATE sc_orders_orderitem SET {change} {where}")
            seconds, told = reconcile(stage)
            print(
                f"one order's {name} among them: found {told['found']} in {told['requests']} requests, {seconds:.1f} s",
                flush=True,
            )
            theirs.run(f"UPDATE sc_orders_orderitem SET {back} {where}")
        empty(ours, theirs)
        fill(ours, theirs, orders, 1, whole=True)
        records = damage(ours, theirs, center, orders, share)
        seconds, told = reconcile(stage, "--apply")
        print(
            f"{orders} orders, {share:.0%} damage on either side ({records} records): found {told['found']},"
            f" {told['state']}, repaired {told['repaired']}, refused {told['refused']}, not confirmed {told['unconfirmed']} in {seconds:.1f} s,"
            f" {told['requests']} requests",
            flush=True,
        )
        for one in told["conflicts"]:
            if one["state"] != "repaired":
                print(
                    f"    {told['error']} {one['kind']} {one['key']} {one['remedy']}: {one['state']} {one['reason']}"
                )
                break
        seconds, told = reconcile(stage)
        print(f"second pass: {told['found']} differ, {seconds:.1f} s", flush=True)
        left += told["found"]
    finally:
        stage.stop()
        shutil.rmtree(home, ignore_errors=True)
    return int(left > 0)


def _settled(stage: Stage, center: Wire, traffic: Traffic) -> None:
    """Wait until the templates are planned and known on both sides."""
    oms, path, end = stage.wire("oms"), "/api/v1/applications/oms/handover/", time.monotonic() + 300
    while time.monotonic() < end:
        handed = center.get(path)
        planned = oms.count("/api/v1/oms/orders/", planning_state="planned")
        waiting = any(row["waiting"] for row in handed["events"].values())
        taken = traffic.finished and 0 < handed["orders"]["offered"] == planned and not waiting
        if taken and not oms.count("/api/v1/whisperer/hook_events/", delivered="false"):
            return
        time.sleep(0.2)
    raise RuntimeError("the demo's orders were not planned in time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.01)
    given = parser.parse_args()
    sys.exit(main(given.packages, given.orders, given.share))

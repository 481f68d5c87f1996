"""The whole loop: a shop order becomes a delivered package that all three systems know, everything real, HTTP both ways.

P7 loops per second, P9 order created at the Seller Center → package.created applied there at half that rate, P12 memory, P13 CPU per order, in one run of the
demo's own stage (so that what is measured is what is shipped).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from ambar.cli import systems
from ambar.cli.demo import command
from ambar.cli.demo.stage import Stage

TICKS = os.sysconf("SC_CLK_TCK")
GATHERED_SECONDS = 4.0
"""The last statuses are gathered this long before all systems know them; what telling them costs belongs to the orders."""


@dataclass(frozen=True)
class Loop:
    """What one run of the loop gave; seconds, megabytes."""

    orders: int
    packages: int
    loops_per_second: float
    p95_at_half_rate: float
    asked_p95_at_half_rate: float
    memory_mb: float
    postgres_mb: float
    cpu_ms_per_order: float


def _tree(pids: dict[str, int]) -> dict[str, list[psutil.Process]]:
    found = {}
    for name, pid in pids.items():
        parent = psutil.Process(pid)
        found[name] = [parent, *parent.children(recursive=True)]
    return found


def _cpu(pids: dict[str, int]) -> float:
    """CPU seconds of every process of the stage so far, those of ended children included."""
    total = 0.0
    for pid in pids.values():
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            times = process.cpu_times()
            total += times.user + times.system
        times = psutil.Process(pid).cpu_times()
        total += times.children_user + times.children_system
    return total


def run(*, orders: int = 3000, rate: float = 400.0) -> Loop:
    """One burst at `rate` placed orders per second for P7, P12 and P13, then a steady half of what came out for P9.

    The burst is long enough that what it costs besides its orders (connections, first plans, idle seconds) is a small part of it.
    """
    home = Path(tempfile.mkdtemp(prefix="ambar-loop-", dir="/var/tmp"))
    home.chmod(0o755)
    screen = command.Screen(as_json=True)
    stage = Stage(
        home=home,
        ports={system.module: systems.free_port() for system in systems.SYSTEMS},
        on_event=screen.note,
        together=True,
    )
    try:
        world = command.set_up(stage, seed=1, line=screen.line)
        warm = command.through(stage, world, orders=60, rate=60, seed=1, screen=screen)
        pids = stage.supervisor.processes()
        before, begun = _cpu(pids), time.monotonic()
        command.flow(stage, world, orders=orders, rate=rate, seed=1, screen=screen)
        elapsed = time.monotonic() - begun
        time.sleep(GATHERED_SECONDS)
        spent = _cpu(pids) - before
        memory = {
            name: sum(p.memory_info().rss for p in processes) / 1e6 for name, processes in _tree(pids).items()
        }
        packages = stage.wire("oms").count("/api/v1/oms/packages/short/") - warm.packages
        steady = command.through(
            stage,
            world,
            orders=max(60, int(orders / elapsed / 2 * 12)),
            rate=max(1.0, orders / elapsed / 2),
            seed=1,
            screen=screen,
        )
        if not steady.holds:
            raise RuntimeError(f"the loop lost or doubled something: {steady.as_json()}")
        return Loop(
            orders=orders, packages=packages, loops_per_second=orders / elapsed, p95_at_half_rate=steady.applied_p95 or 0.0,
            asked_p95_at_half_rate=steady.p95 or 0.0,
            memory_mb=sum(v for name, v in memory.items() if name != "postgresql"), postgres_mb=memory.get("postgresql", 0.0),
            cpu_ms_per_order=spent / orders * 1000,
        )  # fmt: skip
    finally:
        stage.stop()
        shutil.rmtree(home, ignore_errors=True)

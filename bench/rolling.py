"""`python -m bench.rolling`: F14, the workers of a web tier are restarted one after the other while orders come.

Eight callers hand new orders in to an OMS of two workers; the server is told to begin anew (SIGHUP), one worker after the other.
Printed: what the callers were answered, and whether every accepted order is in the database once. A keep-alive connection that the old
worker closed while nothing was asked on it is opened again, as any client does; everything else counts. Exit code 1 when a call failed.
With `--old <path of an older checkout>` two versions run side by side instead: see `bench.two_versions`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import threading
import time
from pathlib import Path

import psycopg

from ambar.cli.systems import free_port
from bench.intake import Intake
from bench.overload import ACCEPTED, Caller, Told

CALLERS, READY_SECONDS = 8, float(os.environ.get("AMBAR_WEB_RELOAD_SECONDS") or 10)
CLOSED = {"ConnectionResetError", "IncompleteReadError", "BrokenPipeError"}
SECONDS = 2 + 2 * READY_SECONDS + 6


class Patient(Caller):
    """Opens a connection that was closed while idle once more; an order may be handed in twice, and is taken once."""

    reopened = 0

    async def call(self, told: Told) -> None:
        order, first = self.new_order(), Told()
        await self.send(first, order)
        if set(first.took) & CLOSED:
            self.reopened += 1
            await self.send(told, order)
            return
        for outcome, took in first.took.items():
            told.note(outcome, took[0])
        told.accepted += first.accepted


def restarted(environment: dict[str, str], database: str) -> bool:
    """Measures, prints, and answers whether nobody was refused and nothing was lost."""
    with Intake(environment, free_port(), workers=2, threads=4) as intake:
        caller = Patient(intake)

        def again() -> None:
            time.sleep(2)
            os.kill(intake.server.pid, signal.SIGHUP)

        threading.Thread(target=again, daemon=True).start()
        told = asyncio.run(caller.in_turn(CALLERS, SECONDS))
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "select count(*), count(distinct number) from oms_orders_order where number = any(%s)",
            [told.accepted],
        ).fetchone()
    kept = row == (len(told.accepted), len(told.accepted))
    good = kept and set(told.counts) == {ACCEPTED}
    print(
        f"F14  both workers restarted in turn under {CALLERS} callers: {told.counts}; p95 {told.p95(ACCEPTED) * 1000:.1f} ms, idle connections opened again"
        f" {caller.reopened}; what was accepted is there once: {'yes' if kept else 'NO'}  {'holds' if good else 'FAILED'}"
    )
    return good


def main() -> int:
    """A scratch database, one run; or the drill of two versions."""
    from bench.__main__ import Bench
    from bench.two_versions import side_by_side

    asked = argparse.ArgumentParser(prog="python -m bench.rolling", description="F14: two versions at once.")
    asked.add_argument("--old", type=Path, help="An older checkout of this repository (`git worktree add`).")
    old = asked.parse_args().old
    if old is not None:
        if not (old / "src" / "ambar").is_dir():
            asked.error(f"--old: {old} is no checkout of this repository (it has no src/ambar)")
        return 0 if side_by_side(old.resolve()) else 1

    bench = Bench()
    try:
        return 0 if restarted(bench.environment, bench.environment["AMBAR_OMS_DATABASE_URL"]) else 1
    finally:
        bench.close()


if __name__ == "__main__":
    raise SystemExit(main())

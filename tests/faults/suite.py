"""`make faults`: injects every fault of the matrix into three real systems under load and counts what went wrong.

For each run: orders flow, one fault is injected at a moment the seed picks, the load ends, everything settles by itself, and
the invariants are read from the databases and the logs. The results are kept in `docs/reference/faults.json`, the page beside it
is made from them. Ends with 1 when anything was lost, doubled, oversold, out of order or leaked, or did not settle.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

import httpx2
import psycopg

from ambar.cli import systems
from ambar.cli.demo.traffic import Traffic
from ambar.cli.demo.world import DEMO_SELLER
from ambar.cli.wire import Unexpected
from tests.faults import report
from tests.faults.ground import Ground, new_ground
from tests.faults.invariants import Findings, check, under_way
from tests.faults.matrix import KILLS_IN_A_ROW, Fault, all_faults
from tests.faults.progress import Progress
from tests.faults.watching import LONG_SECONDS

SEED = 20260115
RATE = 2.0
BEFORE_SECONDS = (1.5, 3.5)
"""The fault comes at a moment in here, after orders have begun to flow."""
AFTER_ORDERS = 8
RATE_SECONDS, RATE_SHARE = 3.0, 0.95
"""Back at the old rate is who lets through so much of it for so long."""
USUAL_SECONDS = 3.0
"""What the load brings in this time may always be under way: a busy machine is no fault."""
LONGEST_RECOVERY_SECONDS = 90.0
LONGEST_SETTLING_SECONDS = LONG_SECONDS
LOOK_SECONDS = 0.15


@dataclass(slots=True, kw_only=True)
class Run:
    """One fault, once. `recovery` in seconds; None when it did not recover in time. `at_rate`: seconds until the rate of
    before came through again."""

    fault: str
    seed: int
    orders: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    recovery: float | None = None
    at_rate: float | None = None
    settled: bool = False
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.settled and self.recovery is not None and not any(self.counts.values())


BACKLOG = f"""
select count(distinct o.number) from omnitron_orders_order o join omnitron_orders_orderitem i on i.order_id = o.id
where i.extra_field ->> 'supplier_code' = '{DEMO_SELLER}'
"""
KNOWN = (
    "select count(distinct split_part(order_number, '-', 1)) from sc_packages_package where origin = 'oms'"
)


class Watcher:
    """Follows how many orders are between the shop and a package the marketplace knows of; `samples` as (at, placed, open)."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.samples: list[tuple[float, int, int]] = []
        self._client = httpx2.Client(timeout=10)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(LONG_SECONDS)
        self._client.close()

    def usual(self) -> int:
        """The most that was under way so far."""
        return max((left for _, _, left in self.samples), default=0)

    def recovered(self, at: float, usual: int) -> float | None:
        """Seconds from `at` until as many came through as were placed before `at` and one more, with no more under way
        than usual; None: not yet.
        """
        before = max((placed for then, placed, _ in self.samples if then <= at), default=0)
        for then, placed, left in self.samples:
            if then > at and placed - left > before and left <= usual:
                return then - at
        return None

    def at_rate(self, at: float, rate: float) -> float | None:
        """Seconds from `at` until an order comes through with which, for `RATE_SECONDS` on, they do so at `RATE_SHARE` of a
        rate again; None: not yet. Whole orders count: at two a second that is five of six.
        """
        wanted = int(RATE_SHARE * rate * RATE_SECONDS)
        through = [(then, placed - left) for then, placed, left in self.samples]
        for (_, before), (begun, count) in pairwise(through):
            if begun <= at or count <= before or through[-1][0] < begun + RATE_SECONDS:
                continue
            within = max(count for then, count in through if then <= begun + RATE_SECONDS)
            if within - before >= wanted:
                return begun - at
        return None

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                with (
                    self.ground.connection("omnitron") as hub,
                    self.ground.connection("seller_center") as market,
                ):
                    while not self._stop.wait(LOOK_SECONDS) and self._all_ready():
                        ((known,),) = market.execute(KNOWN).fetchall()
                        ((placed,),) = hub.execute(BACKLOG).fetchall()
                        self.samples.append((time.monotonic(), placed, placed - known))
            except (psycopg.Error, httpx2.TransportError):
                pass
            self._stop.wait(LOOK_SECONDS)

    def _all_ready(self) -> bool:
        """A moment at which a system is not ready is none at which all is well."""
        urls = [f"http://{systems.LOOPBACK}:{port}/readyz" for port in self.ground.stage.ports.values()]
        return all(self._client.get(url).status_code == 200 for url in urls)


def run_once(
    ground: Ground, fault: Fault, seed: int, *, known: Findings, rate: float = RATE
) -> tuple[Run, Findings]:
    """Injects the fault once; `known` is what was found before. Gives the run and all that is wrong now."""
    dice = random.Random(f"{fault.name} {seed}")
    run = Run(fault=fault.name, seed=seed)
    begun = time.monotonic()
    traffic = ground.traffic(orders=1_000_000, rate=rate)
    traffic.start()
    with Watcher(ground) as watcher:
        try:
            time.sleep(dice.uniform(*BEFORE_SECONDS))
            _wait_for_flow(traffic, watcher)
            usual = max(watcher.usual(), round(USUAL_SECONDS * rate))
            left_alone = fault.inject(ground, dice)
            run.recovery = _recovery(watcher, usual, left_alone)
            _wait(lambda: _enough(traffic, run), seconds=LONGEST_RECOVERY_SECONDS)
            run.at_rate = watcher.at_rate(left_alone, rate)
        finally:
            traffic.stop()
    ground.placed |= traffic.placed.numbers.keys()
    run.orders = traffic.placed.orders
    run.settled = _wait(lambda: _nothing_under_way(ground), seconds=LONGEST_SETTLING_SECONDS)
    found = check(ground)
    fresh = found.without(known)
    run.counts, run.examples = fresh.counts(), fresh.examples()
    if not run.settled:
        run.examples.append(f"not settled: {_quietly(ground)}")
    run.seconds = time.monotonic() - begun
    return run, found


def _nothing_under_way(ground: Ground) -> bool:
    """Looked at more than once: between two looks at two systems something may pass from one to the other."""
    for _ in range(3):
        if under_way(ground):
            return False
        time.sleep(0.2)
    return True


def _wait_for_flow(traffic: Traffic, watcher: Watcher) -> None:
    if not _wait(lambda: traffic.placed.orders >= 3 and len(watcher.samples) >= 5, seconds=LONG_SECONDS):
        raise RuntimeError("no orders flow before the fault")


def _recovery(watcher: Watcher, usual: int, at: float) -> float | None:
    _wait(lambda: watcher.recovered(at, usual) is not None, seconds=LONGEST_RECOVERY_SECONDS)
    return watcher.recovered(at, usual)


def _enough(traffic: Traffic, run: Run) -> bool:
    run.orders = run.orders or traffic.placed.orders
    return traffic.placed.orders >= run.orders + AFTER_ORDERS


def _wait(holds, *, seconds: float) -> bool:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if holds():
                return True
        except (psycopg.Error, Unexpected, httpx2.TransportError):
            pass
        time.sleep(0.05)
    return False


def _quietly(ground: Ground) -> str:
    try:
        return str(under_way(ground))
    except psycopg.Error as error:
        return type(error).__name__


def chosen(only: str, *, kills: int = KILLS_IN_A_ROW) -> list[Fault]:
    """The faults whose name or group is among the words (separated by commas); all when none is given."""
    words = [word.strip() for word in only.split(",") if word.strip()]
    found = [
        f
        for f in all_faults(kills=kills)
        if not words or f.group in words or any(w == f.name or w in f.name for w in words)
    ]
    if not found:
        raise SystemExit(f"no fault is called {only!r}; there are {', '.join(f.name for f in all_faults())}")
    return found


def suite(
    faults: Sequence[Fault], *, first_seed: int, runs: int, rate: float, crowd: int, progress: Progress
) -> list[Run]:
    """All runs of all faults over one ground, each line printed as it is known; those that `progress` has are not repeated."""
    done = progress.finished()
    before = {(run.fault, run.seed) for run in done}
    left = [
        (fault, first_seed + round_)
        for round_ in range(runs)
        for fault in faults
        if (fault.name, first_seed + round_) not in before
    ]
    if done:
        print(f"{len(done)} runs are there already, {len(left)} are left", flush=True)
    if not left:
        return done
    known = Findings()
    with suppress(KeyboardInterrupt), new_ground(crowd=crowd) as ground:
        for fault, seed in left:
            run, known = run_once(ground, fault, seed, known=known, rate=rate)
            done.append(run)
            progress.add(run)
            print(report.line(run, len(done), runs * len(faults)), flush=True)
    if len(done) < runs * len(faults):
        print(f"interrupted; --resume goes on from {progress.path}", flush=True)
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="runs of each fault, each with a seed of its own")
    parser.add_argument(
        "--seed",
        type=int,
        default=SEED,
        help="seed of the first run of each fault; the next ones count on from it",
    )
    parser.add_argument("--only", default="", help="names or groups of faults, separated by commas")
    parser.add_argument("--rate", type=float, default=RATE, help="orders per second of the load")
    parser.add_argument("--workers", type=int, default=1, help="worker processes per system")
    parser.add_argument(
        "--kills", type=int, default=KILLS_IN_A_ROW, help="kills of each process that is killed in a row"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with a suite that was interrupted, given the same way"
    )
    parser.add_argument("--keep", action="store_true", help="keep the results in docs/reference/")
    parser.add_argument("--list", action="store_true", help="say what there is and end")
    parser.add_argument(
        "--json", action="store_true", help="print all results as one JSON document at the end"
    )
    given = parser.parse_args(arguments)
    faults = chosen(given.only, kills=given.kills)
    if given.list:
        print("\n".join(f"{fault.group:10} {fault.name:45} {fault.what}" for fault in faults))
        return 0
    commit = report.commit()
    # A process that is started again finds its bytecode, as on any machine where nobody forbids to keep it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends the suite leaves nothing running
    asked = {name: getattr(given, name) for name in ("seed", "runs", "only", "rate", "workers", "kills")}
    progress = Progress.resumed(asked) if given.resume else Progress.begun(asked)
    runs = suite(
        faults,
        first_seed=given.seed,
        runs=given.runs,
        rate=given.rate,
        crowd=given.workers,
        progress=progress,
    )
    document = report.document(
        runs, faults, first_seed=given.seed, rate=given.rate, crowd=given.workers, of=commit
    )
    print(report.as_json(document) if given.json else report.table(document))
    if given.keep:
        report.keep(document)
    return int(not runs or not all(run.good for run in runs))


if __name__ == "__main__":
    sys.exit(main())

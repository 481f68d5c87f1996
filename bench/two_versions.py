"""`python -m bench.rolling --old <an older checkout>`: F14, truly old code over the new schema, side by side with the new.

The three systems run the old code; while shop orders go through the whole loop their databases are migrated by the new code, then
the web tiers are restarted with it, then the workers, and last everything goes back to the old code over the new schema, as
`docs/howto/update.md` promises. Printed: what the database and the processes complained of in each stretch, and whether all orders
are there once and all systems agree. Exit code 1 when not, or when anything was complained of.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ambar.cli import systems
from ambar.cli.demo import command
from ambar.cli.demo.stage import Stage
from ambar.cli.demo.world import World

NEW = Path(__file__).resolve().parents[1]
ORDERS, FEW, RATE, BEGUN_SECONDS = 80, 8, 8.0, 1.5
COMPLAINT = re.compile(r'"level": ?"(?:error|critical)"|Traceback \(most recent|\bERROR:|\bFATAL:|\bPANIC:')
EXPECTED = re.compile(
    r"terminating connection|duplicate key value violates unique constraint|is starting up|shutting down"
)
"""What stopping processes and racing inserts bring about under one version too."""


@dataclass(slots=True)
class Stretch:
    """One part of the run: which code runs where, how many orders were placed, and the complaints by their words."""

    told: str
    orders: int
    complaints: Counter[str]


class Listening(command.Screen):
    """Keeps what the clients of the run complain of."""

    def __init__(self) -> None:
        super().__init__(as_json=True)
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text[:300])


class Logs:
    """The logs of all processes and of the database, read on from where they were read last."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._read: dict[Path, int] = {}

    def complaints(self) -> Counter[str]:
        """New lines that complain, with what differs from line to line left out."""
        found: Counter[str] = Counter()
        for path in [*self._home.glob("log/*.log"), *self._home.glob("postgres/*.log")]:
            with path.open(errors="replace") as lines:
                lines.seek(self._read.get(path, 0))
                text = lines.read()
                self._read[path] = lines.tell()
            for line in text.splitlines():
                if COMPLAINT.search(line) and not EXPECTED.search(line):
                    found[f"{path.name}: {re.sub(r'[0-9]+', 'n', line)[:300]}"] += 1
        return found


class Drill:
    """The stage, and which code its processes run."""

    def __init__(self, old: Path, home: Path) -> None:
        self.stretches: list[Stretch] = []
        self.screen = Listening()
        self.migrated = 0
        self.placed: dict[str, float] = {}
        self._old = old
        self._logs = Logs(home)
        self.stage = Stage(
            home=home,
            ports={system.module: systems.free_port() for system in systems.SYSTEMS},
            extra_environment={"PYTHONPATH": str(old / "src")},
        )

    def go(self, world: World) -> None:
        """All stretches, one after the other."""
        self._stretch(world, "old code over the old schema", lambda: None)
        self._stretch(world, "old code over the new schema", self._migrate)
        self._stretch(world, "new web tiers, old workers", lambda: self._restart("-web", NEW))
        self._stretch(world, "new code", lambda: self._restart("-worker", NEW))
        self._stretch(world, "back: old code over the new schema", lambda: self._restart("", self._old))

    def _stretch(self, world: World, told: str, act: Callable[[], None]) -> None:
        """Orders go through the whole loop; what the stretch is about is done while they do."""
        self._logs.complaints()
        with ThreadPoolExecutor(1) as beside:
            going = beside.submit(
                command.flow, self.stage, world, orders=ORDERS, rate=RATE, seed=1, screen=self.screen
            )
            time.sleep(BEGUN_SECONDS)
            act()
            placed = going.result()
        # What was under way while processes were away is walked to its end with all of them there.
        more = command.flow(self.stage, world, orders=FEW, rate=RATE, seed=1, screen=self.screen)
        self.placed |= placed.numbers | more.numbers
        complaints = self._logs.complaints() + Counter(f"client: {text}" for text in self.screen.said)
        self.screen.said.clear()
        self.stretches.append(Stretch(told, placed.orders + more.orders, complaints))
        print(
            f"{told}: {placed.orders + more.orders} orders, {sum(complaints.values())} complaints", flush=True
        )
        for line, times in complaints.most_common(10):
            print(f"    {times} x {line}", flush=True)

    def _migrate(self) -> None:
        for system in systems.SYSTEMS:
            environment = {**self.stage.supervisor.environment(system), "PYTHONPATH": str(NEW / "src")}
            done = subprocess.run(
                system.manage("migrate", "--no-color"), env=environment, timeout=300, capture_output=True
            )
            if done.returncode:
                raise RuntimeError(f"{system.title} could not be migrated: {done.stderr.decode()[-2000:]}")
            self.migrated += done.stdout.count(b"... OK")

    def _restart(self, ending: str, code: Path) -> None:
        for child in self.stage.supervisor.children:
            if child.name.endswith(ending):
                child.environment["PYTHONPATH"] = str(code / "src")
                with self.stage.supervisor.hold(child.name, ending=signal.SIGTERM):
                    while not child.dead():
                        time.sleep(0.05)
                self._until_ready(child.name)

    def _until_ready(self, name: str, seconds: float = 60) -> None:
        module = name.rpartition("-")[0].replace("-", "_")
        if name.endswith("-web"):
            self.stage.wire(module).get("/readyz")
        else:
            time.sleep(2)


def side_by_side(old: Path) -> bool:
    """Runs the drill, prints what came of it, and answers whether it holds."""
    home = Path(tempfile.mkdtemp(prefix="ambar-versions-", dir="/var/tmp"))
    home.chmod(0o755)
    drill = Drill(old, home)
    try:
        world = command.set_up(drill.stage, seed=1, line=lambda text: None)
        drill.go(world)
        proof = command._patient_proof(drill.stage, drill.placed)
    finally:
        drill.stage.stop()
        if os.environ.get("AMBAR_KEEP") is None:
            shutil.rmtree(home, ignore_errors=True)
    all_there = proof.holds and sum(stretch.orders for stretch in drill.stretches) == 5 * (ORDERS + FEW)
    quiet = not any(stretch.complaints for stretch in drill.stretches)
    print(
        f"F14  {old.name} and this version side by side, {drill.migrated} migrations between them: {len(drill.placed)} orders placed, {proof.packages} packages, lost {len(proof.lost)},"
        f" twice {len(proof.twice)}, disagreements {len(proof.disagreements)}  {'holds' if all_there and quiet and drill.migrated else 'FAILED'}"
    )
    if not drill.migrated:
        print("    nothing was proved: no migration lies between the two")
    for finding in [*proof.lost, *proof.twice, *proof.disagreements][:20]:
        print(f"    {finding}")
    return bool(all_there and quiet and drill.migrated)

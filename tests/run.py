"""Runs every check and test the way CI does.

One embedded PostgreSQL for the whole run; one pytest process per Django settings module (pytest-django
takes one per process), two at a time. `python tests/run.py oms kit` runs only those groups, `checks` the
linters. The last line is `N passed, N failed, N skipped`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Step:
    """A command of the run; `alone` steps never run beside another."""

    name: str
    command: list[str]
    environment: dict[str, str]
    alone: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a step said and how long it took."""

    step: Step
    code: int
    output: str
    seconds: float

    def counted(self, word: str) -> int:
        last = [
            line
            for line in self.output.splitlines()
            if re.match(r"=* ?\d+ (passed|failed|skipped|error)", line)
        ][-1:]
        return sum(int(n) for line in last for n in re.findall(rf"(\d+) {word}", line))


def checks() -> list[Step]:
    """Linters, layer contracts, types, reference pages and OpenAPI documents, migrations."""
    tool = lambda name, *arguments: Step(name, [str(BIN / name), *arguments], {})  # noqa: E731
    steps = [
        tool("ruff", "check", "src", "tests", "bench", "tools"),
        Step("ruff format", [str(BIN / "ruff"), "format", "--check", "src", "tests", "bench", "tools"], {}),
        tool("lint-imports"),
        tool("mypy"),
        Step(
            "mypy calls",
            [str(BIN / "mypy"), "--config-file", "tools/calls.mypy.ini", "--cache-dir", ".mypy_cache/calls"],
            {},
        ),
        Step("reference", [sys.executable, "tools/reference.py", "--check"], {}),
    ]
    for system in ("oms", "seller_center", "omnitron"):
        command = [sys.executable, "-m", f"ambar.{system}", "makemigrations", "--check", "--dry-run"]
        steps.append(Step(f"migrations {system}", command, {"AMBAR_NO_DATABASE": "1"}))
    return steps


def pytest_steps() -> list[Step]:
    """One pytest per settings module, found by the folder under tests/<kind>/."""
    groups = {
        "kit": "tests.kit_project.settings",
        "oms": "ambar.oms.settings",
        "seller_center": "ambar.seller_center.settings",
        "omnitron": "ambar.omnitron.settings",
    }
    steps = []
    for group, settings in groups.items():
        folders = [
            str(p.relative_to(ROOT))
            for p in sorted(ROOT.glob(f"tests/*/{group}"))
            if p.parent.name not in ALONE
        ]
        if folders:
            steps.append(_pytest(group, ["--create-db", f"--ds={settings}", *folders]))
    # The screens start three systems too, but nothing is measured or killed: they go beside the others, longest first.
    steps.insert(0, _pytest("screens", ["-p", "no:django", "tests/ui", "tests/house"]))
    # What kills, restarts or counts whole systems wants the machine for itself.
    alone = [str(p.relative_to(ROOT)) for kind in ALONE for p in sorted(ROOT.glob(f"tests/{kind}"))]
    if alone:
        steps.append(_pytest("whole", ["-p", "no:django", *alone], alone=True))
    return steps


ALONE = ("cli", "clients", "faults", "flow")
"""Kinds of tests that start real processes and need no Django in their own process."""


def _pytest(name: str, arguments: list[str], *, alone: bool = False) -> Step:
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", *arguments]
    # On a machine with a queue for its cores a connection may take long; that is no failure of what is tested.
    patient = {} if alone else {"AMBAR_CONNECT_SECONDS": "20"}
    return Step(name, command, {"AMBAR_TEST_RUN": f"ambar_{name}", **patient}, alone)


def run(step: Step, environment: dict[str, str]) -> Outcome:
    """Runs one step, keeping its output together."""
    begun = time.monotonic()
    process = subprocess.run(
        step.command, cwd=ROOT, env={**environment, **step.environment}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    return Outcome(step, process.returncode, process.stdout, time.monotonic() - begun)


def main(wanted: list[str]) -> int:
    """Runs the wanted groups (all when none is named) and answers the exit code."""
    sys.path.insert(0, str(ROOT / "src"))
    from ambar.kit.postgres import Server

    steps = (checks() if not wanted or "checks" in wanted else []) + [
        s for s in pytest_steps() if not wanted or s.name in wanted
    ]
    scratch = Path(tempfile.mkdtemp(prefix="ambar-test-", dir="/var/tmp"))  # noqa: S108
    scratch.chmod(0o755)
    server = Server(scratch / "postgres")
    # Hundreds of processes are started; each would compile everything anew where bytecode is not to be kept.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environment = {**os.environ, "AMBAR_TEST_SERVER": server.url(), "AMBAR_HOME": str(scratch / "home")}
    print_lock = threading.Lock()
    outcomes: list[Outcome] = []

    def go(step: Step) -> None:
        outcome = run(step, environment)
        with print_lock:
            outcomes.append(outcome)
            mark = "ok" if outcome.code == 0 else "FAILED"
            print(
                f"=== {step.name}: {mark} in {outcome.seconds:.0f} s\n{outcome.output.rstrip()}\n", flush=True
            )

    try:
        server.start()
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(go, [s for s in steps if not s.alone]))
        for step in (s for s in steps if s.alone):
            go(step)
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", str(scratch)], check=False)
    return summary(outcomes)


def summary(outcomes: list[Outcome]) -> int:
    """Prints one line per step and the closing line; a failed linter counts as one failure."""
    passed = failed = skipped = 0
    for outcome in outcomes:
        tests = outcome.counted("passed"), outcome.counted("failed") + outcome.counted("error")
        if not any(tests):
            tests = (int(outcome.code == 0), int(outcome.code != 0))
        elif outcome.code != 0 and not tests[1]:
            tests = (tests[0], 1)
        passed, failed, skipped = passed + tests[0], failed + tests[1], skipped + outcome.counted("skipped")
        print(
            f"{'ok    ' if outcome.code == 0 else 'FAILED'} {outcome.step.name:24} {outcome.seconds:6.1f} s"
        )
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

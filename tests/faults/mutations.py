"""`make mutations`: takes each guard away in a copy of the tree and runs the tests that must notice.

First every named test runs on the untouched copy and must pass, so that a red one later means the guard. Ends with 1 when a
guard could go without anybody noticing. `--keep` writes `docs/reference/guards.md`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ambar.kit.postgres import Server
from tests.faults.guards import GUARDS, Guard
from tests.faults.report import ROOT, commit

PAGE = ROOT / "docs" / "reference" / "guards.md"
COPIED = ("src", "tests", "contracts", "pyproject.toml", "docs")
LONGEST_SECONDS = 300
SETTINGS = {
    "kit": "tests.kit_project.settings",
    "oms": "ambar.oms.settings",
    "seller_center": "ambar.seller_center.settings",
    "omnitron": "ambar.omnitron.settings",
}
NOTICED, SURVIVED, MOVED, BROKEN = (
    "red",
    "GREEN: nobody noticed",
    "the change no longer fits",
    "the tests do not run",
)


class Workshop:
    """A copy of the tree and a server to run its tests on."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.tree.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.tree / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, self.tree / name)
        self.server = Server(folder / "postgres").start()
        self.home = folder / "home"

    def pytest(self, group: str, tests: Iterable[str]) -> tuple[int, str]:
        """The exit code of pytest over these tests, and what it said. Databases are kept from run to run."""
        settings, _, fresh = group.partition("-")
        environment = {
            **os.environ,
            "AMBAR_TEST_SERVER": self.server.url(),
            "AMBAR_TEST_RUN": f"mutated_{group.replace('-', '_')}",
            "AMBAR_HOME": str(self.home),
            "AMBAR_CONNECT_SECONDS": "20",
            "PYTHONPATH": f"{self.tree / 'src'}:{self.tree}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AMBAR_TEST_LONG_SECONDS": "10",
        }
        base = "--create-db" if fresh else "--reuse-db"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            base,
            f"--ds={SETTINGS[settings]}",
        ]
        try:
            done = subprocess.run(
                [*command, *tests], cwd=self.tree, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", timeout=LONGEST_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return 1, f"not done in {LONGEST_SECONDS} s"
        return done.returncode, done.stdout[-3000:] + done.stderr[-1000:]

    def verdict(self, guard: Guard) -> str:
        """What the tests say with the guard gone; the tree is whole again afterwards."""
        file = self.tree / guard.file
        whole = file.read_text()
        if whole.count(guard.old) != 1:
            return MOVED
        file.write_text(whole.replace(guard.old, guard.new))
        try:
            code, said = self.pytest(guard.group, guard.tests)
        finally:
            file.write_text(whole)
        if code == 1:
            return NOTICED
        if code == 0:
            return SURVIVED
        print(said)
        return BROKEN


def untouched(workshop: Workshop, guards: Sequence[Guard]) -> list[str]:
    """The groups whose named tests do not pass as they are, with what they said."""
    wrong = []
    for group in sorted({guard.group for guard in guards}):
        tests = list(dict.fromkeys(test for guard in guards if guard.group == group for test in guard.tests))
        code, said = workshop.pytest(group, tests)
        print(
            f"{group}: {len(tests)} tests {'pass' if code == 0 else 'DO NOT PASS'} with every guard in place",
            flush=True,
        )
        if code != 0:
            wrong.append(f"{group}:\n{said}")
    return wrong


def page(rows: Sequence[tuple[Guard, str]]) -> str:
    """The page of the reference."""
    caught = sum(verdict == NOTICED for _, verdict in rows)
    lines = [
        f"| {guard.name} | {guard.what} | {', '.join(f'`{test}`' for test in guard.tests)} | {verdict} |"
        for guard, verdict in rows
    ]
    return f"""# Guards, and the tests that miss them

Written by `make mutations ARGS="--keep"` on {datetime.now(UTC):%Y-%m-%d}, commit {commit()}. Each guard is taken away in a copy of the tree, and
the tests named beside it are run there: they must fail, or the guard could get lost without anybody noticing. **{caught} of {len(rows)} guards are missed.**

| Guard | Without it | Test | Verdict without it |
|---|---|---|---|
{chr(10).join(lines)}
"""


def _beside(rows: Sequence[tuple[Guard, str]]) -> list[tuple[Guard, str]]:
    """These verdicts, and for guards that were not tried this time those that stand on the page."""
    text = PAGE.read_text() if PAGE.exists() else ""
    known = {
        line.split(" | ")[0].removeprefix("| "): line.split(" | ")[-1].removesuffix(" |")
        for line in text.splitlines()
    }
    fresh = {guard.name: verdict for guard, verdict in rows}
    return [(guard, fresh.get(guard.name) or known.get(guard.name, "not tried yet")) for guard in GUARDS]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see the module."""
    parser = argparse.ArgumentParser(prog="make mutations", description=__doc__)
    parser.add_argument("--only", default="", help="words out of names of guards, separated by commas")
    parser.add_argument("--keep", action="store_true", help="write docs/reference/guards.md")
    given = parser.parse_args(arguments)
    words = [word.strip() for word in given.only.split(",") if word.strip()]
    guards = [guard for guard in GUARDS if not words or any(word in guard.name for word in words)]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it leaves nothing running
    folder = Path(tempfile.mkdtemp(prefix="ambar-mutations-", dir="/var/tmp"))
    folder.chmod(0o755)
    rows: list[tuple[Guard, str]] = []
    workshop = Workshop(folder)
    try:
        wrong = untouched(workshop, guards)
        if wrong:
            print("\n".join(wrong))
            return 1
        for guard in guards:
            begun = time.monotonic()
            rows.append((guard, workshop.verdict(guard)))
            print(
                f"{len(rows):3}/{len(guards)} {guard.name:45} {rows[-1][1]} ({time.monotonic() - begun:.0f} s)",
                flush=True,
            )
    finally:
        workshop.server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if given.keep:
        PAGE.write_text(page(_beside(rows)))
    return int(any(verdict != NOTICED for _, verdict in rows))


if __name__ == "__main__":
    sys.exit(main())

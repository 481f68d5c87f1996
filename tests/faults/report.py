"""What the fault suite prints and keeps: `docs/reference/faults.json` and the page made from it."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.matrix import Fault
    from tests.faults.suite import Run

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "docs" / "reference" / "faults.json"
PAGE = ROOT / "docs" / "reference" / "faults.md"
KINDS = ("lost", "doubled", "reordered", "oversold", "leaked")
HEADINGS = (
    "Fault",
    "No.",
    "What is done",
    "Runs",
    "Lost",
    "Doubled",
    "Reordered",
    "Oversold",
    "Leaked",
    "Recovery p50",
    "max",
    "At the old rate p50",
    "max",
)


def line(run: Run, number: int, of: int) -> str:
    """One finished run, for whoever watches."""
    verdict = "ok    " if run.good else "FAILED"
    back = "never" if run.recovery is None else f"{run.recovery:5.1f} s"
    text = f"{number:4}/{of} {verdict} {run.fault:45} seed {run.seed}: back after {back}, {run.orders} orders, {run.seconds:.0f} s"
    return "\n".join([text, *(f"          {example}" for example in run.examples)])


def document(
    runs: Sequence[Run], faults: Sequence[Fault], *, first_seed: int, rate: float, crowd: int, of: str
) -> dict[str, Any]:
    """All that is kept of a suite: when, of which commit (`of`), on what machine, a row per fault, every run that was not good."""
    rows = [_row(fault, [run for run in runs if run.fault == fault.name]) for fault in faults]
    return {
        "at": _now(),
        "commit": of,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load": f"{rate:g} orders/s, {crowd} worker(s) per system",
        "load_average": [round(one, 1) for one in os.getloadavg()],
        "seeds": f"{first_seed} and on",
        "runs": len(runs),
        "orders": sum(run.orders for run in runs),
        "kills": sum(fault.kills * sum(run.fault == fault.name for run in runs) for fault in faults),
        "faults": [row for row in rows if row["runs"]],
        "not_good": [asdict(run) for run in runs if not run.good],
    }


def _row(fault: Fault, runs: Sequence[Run]) -> dict[str, Any]:
    back = sorted(run.recovery for run in runs if run.recovery is not None)
    rate = sorted(run.at_rate for run in runs if run.at_rate is not None)
    return {
        "name": fault.name,
        "number": fault.number,
        "what": fault.what,
        "runs": len(runs),
        **{kind: sum(run.counts.get(kind, 0) for run in runs) for kind in KINDS},
        "not_settled": sum(not run.settled for run in runs),
        "not_recovered": len(runs) - len(back),
        "p50": round(statistics.median(back), 1) if back else None,
        "max": round(back[-1], 1) if back else None,
        "rate_p50": round(statistics.median(rate), 1) if rate else None,
        "rate_max": round(rate[-1], 1) if rate else None,
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def commit() -> str:
    try:
        said = subprocess.run(
            ["git", "log", "-1", "--format=%h %cs"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.stdout.strip()


def as_json(kept: dict[str, Any]) -> str:
    return json.dumps(kept, indent=1, ensure_ascii=False)


def table(kept: dict[str, Any]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "|".join(["---"] * 3 + ["---:"] * 10) + "|"]
    for row in kept["faults"]:
        late = f" ({row['not_recovered']} never)" if row["not_recovered"] else ""
        stuck = f" ({row['not_settled']} not settled)" if row["not_settled"] else ""
        cells = [
            row["name"],
            row["number"],
            row["what"],
            f"{row['runs']}{stuck}",
            *(str(row[kind]) for kind in KINDS),
        ]
        cells += [_seconds(row["p50"]), _seconds(row["max"]) + late]
        cells += [_seconds(row.get("rate_p50")), _seconds(row.get("rate_max"))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def page(kept: dict[str, Any]) -> str:
    """The page of the reference."""
    total = {kind: sum(row[kind] for row in kept["faults"]) for kind in KINDS}
    counts = ", ".join(f"{kind} {n}" for kind, n in total.items())
    return f"""# Faults injected, and what became of them

Written by `make faults ARGS="--keep"` ([how it works](../explanation/faults.md)); the figures are those of one run of the suite:

* {kept["at"]}, commit {kept["commit"]}, {kept["machine"]}, load average {", ".join(map(str, kept["load_average"]))} at the end;
* {kept["runs"]} faults injected{_killed(kept)} under a load of {kept["load"]}, {kept["orders"]} orders in all, seeds {kept["seeds"]};
* **{counts}**.

*Recovery* is the time from the moment nothing is disturbed any more (a kill: the kill itself; a restart of PostgreSQL: the signal)
until every system is ready, all orders placed before it and one more have become packages that the marketplace knows, and no more orders
are under way than before the fault (or than three seconds of the load bring). *At the old rate*: until, for three seconds on, orders come through at 95 % of the rate they
are placed at (R2; whole orders, so five of six). The load generator, PostgreSQL and all processes share the machine, and
so did whatever else its load average tells of: a process that starts needs two seconds of a core, which are many seconds of a busy machine. "No." is the row of the fault list that the suite follows: F process, database and disk; W the wire.

{table(kept)}
{_drills(kept.get("drills", []))}"""


def _killed(kept: dict[str, Any]) -> str:
    return f", {kept['kills']} processes killed by them," if "kills" in kept else ""


def _drills(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    lines = [
        f"| {row['name']} | {row['figures']} | {row['ratio']} | {row['goal']} | {row['at']}, {row['commit'].split()[0]} |"
        for row in rows
    ]
    return f"""
## While something is bad

Measured by `python -m tests.faults.drills --keep`; ratios within one run.

| What | Measured | Ratio | Goal | When, of which commit |
|---|---|---:|---|---|
{chr(10).join(lines)}
"""


def keep(kept: dict[str, Any]) -> None:
    """Writes the results of a whole suite and the page; figures of drills stay as they were."""
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"faults": [], "drills": []}
    if len(kept["faults"]) < len(before["faults"]):
        raise SystemExit("only a whole suite is kept: run it without --only")
    _write({**kept, "drills": before.get("drills", [])})


def keep_drills(rows: list[dict[str, Any]]) -> None:
    """Writes the figures of drills beside the results of the last suite; those of other drills stay as they were."""
    before = json.loads(RESULTS.read_text())
    fresh = {row["name"]: {**row, "at": _now(), "commit": commit()} for row in rows}
    kept = [fresh.pop(row["name"], row) for row in before.get("drills", [])]
    _write({**before, "drills": [*kept, *fresh.values()]})


def _write(kept: dict[str, Any]) -> None:
    RESULTS.write_text(as_json(kept) + "\n")
    PAGE.write_text(page(kept))

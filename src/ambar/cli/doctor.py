"""`ambar oms doctor`: examines the integration, mends it, walks an order through; a client of the public API."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import click
import typer
from rich.console import Console
from rich.markup import escape

from ambar.cli.main import echo_json
from ambar.cli.wire import Unexpected, Wire

PATH = "/api/v1/oms/doctor/"
SETUP_SECONDS = 600.0
WALK = 5
"""The step of a synthetic order: asked for by name only, since it does something."""
MARKS = {
    "done": "[green]mended[/green]",
    "already": "[dim]already[/dim]",
    "started": "[yellow]started[/yellow]",
    "needs": "[yellow]needs[/yellow] ",
    "failed": "[red]failed[/red]",
}


def run(
    *,
    oms_url: str,
    oms_token: str,
    steps: list[int],
    fix: bool,
    walk: bool,
    given: Mapping[str, str],
    as_json: bool,
    ask: Callable[[str], str] | None = None,
) -> int:
    """Exit code 0 only when everything holds, 1 when something does not, 2 when the OMS can't be asked.

    :param steps: which to examine, none for all; 5 is the walk.
    :param given: what the doctor may need to mend with; what is missing is asked for at a terminal.
    :param ask: how a person is asked for one of those (by name); None where nobody can be.
    """
    console = Console(stderr=as_json)
    wire = Wire(oms_url, oms_token or None, seconds=120.0)
    if ask is None and not as_json and sys.stdin.isatty():
        ask = _prompted
    try:
        answer = _mended(wire, dict(given), ask, console, as_json) if fix else _examined(wire, steps, console)
        if walk or WALK in steps:
            with console.status("walking an order through …"):
                walked = wire.post(f"{PATH}walk/", {})
            answer["findings"] += walked["findings"]
            answer["ok"] = answer["ok"] and walked["ok"]
    except Unexpected as error:
        console.print(f"[red]{escape(str(error))}[/red]")
        return 2
    if as_json:
        echo_json(answer)
    else:
        _print(console, answer)
    return 0 if answer["ok"] else 1


def _examined(wire: Wire, steps: list[int], console: Console) -> dict[str, Any]:
    asked = [step for step in steps if step != WALK]
    if steps and not asked:
        return {"ok": True, "findings": []}
    with console.status("examining …"):
        found: dict[str, Any] = wire.get(PATH, **({"step": asked} if asked else {}))
    return found


def _mended(
    wire: Wire, given: dict[str, str], ask: Callable[[str], str] | None, console: Console, as_json: bool
) -> dict[str, Any]:
    """Mend what can be, ask for what is needed, and mend again with it."""
    did: list[dict[str, Any]] = []
    while True:
        with console.status("mending …"):
            answer: dict[str, Any] = wire.post(f"{PATH}fix/", {"given": given})
        did += answer["did"]
        for one in answer["did"] if not as_json else ():
            console.print(f"{MARKS[one['outcome']]} {one['finding']}: {escape(one['detail'])}")
        for step in sorted({one["waits_for"] for one in answer["did"] if one["waits_for"]}):
            _wait(wire, step, console)
        needed = sorted({name for one in answer["did"] for name in one["needs"] if not given.get(name)})
        if ask is None or not needed:
            break
        before = dict(given)
        given |= {name: value for name in needed if (value := ask(name))}
        if given == before:
            break
    if any(one["outcome"] == "started" for one in did):
        answer |= _examined(wire, [], console)
    answer["did"] = did
    return answer


def _prompted(name: str) -> str:
    if name == "former_hooks":
        told = f"{name} (empty: decide later)"
        return str(typer.prompt(told, default="", type=click.Choice(["off", "keep", ""]), show_default=False))
    secret = name.endswith(("token", "password", "secret"))
    return str(typer.prompt(f"{name} (empty: leave it)", default="", hide_input=secret, show_default=False))


def _wait(wire: Wire, step: str, console: Console) -> None:
    """Follow a step of Basic Setup to its end, with its figures."""
    end = time.monotonic() + SETUP_SECONDS
    with console.status("") as shown:
        while time.monotonic() < end:
            status = wire.get(f"/api/v1/oms/setup/{step}/get_async_status/")
            if status["status"] != "WORKING":
                return
            shown.update(f"Basic Setup, {step}: {status['done']} of {status['total'] or '?'}")
            time.sleep(0.5)


def _print(console: Console, answer: Mapping[str, Any]) -> None:
    for finding in answer["findings"]:
        took = "" if finding["took_ms"] is None else f" [dim]{finding['took_ms']} ms[/dim]"
        mark = "[green]ok [/green]" if finding["ok"] else "[red]bad[/red]"
        if not finding["known"]:
            mark = "[dim]?  [/dim]"
        console.print(f"{mark} {finding['step']} {escape(finding['what'])}{took}", highlight=False)
        if finding["ok"] and finding["known"]:
            continue
        console.print(f"        why it matters: {escape(finding['why'])}", highlight=False)
        if finding["fix"]:
            console.print(f"        fix: {escape(finding['fix'])}", highlight=False)
        if finding["can_fix"]:
            needed = "".join(f" --{name.replace('_', '-')} …" for name in finding["needs"])
            console.print(f"        or: ambar oms doctor --fix{needed}", highlight=False)

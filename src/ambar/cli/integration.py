"""`ambar oms integrate`: a client of the public APIs, with people or programs reading along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ambar.cli.main import echo_json
from ambar.cli.wire import Unexpected
from ambar.oms.setup.integrate import CouldNotIntegrate, IntegrationPlan, Step
from ambar.oms.setup.integrate import integrate as integrate_steps

if TYPE_CHECKING:
    from ambar.cli.demo.stage import Stage
    from ambar.cli.demo.world import World

OPTIONAL = ("hook_secret", "push_token")
MARKS = {
    "done": "[green]done[/green]   ",
    "already": "[dim]already[/dim]",
    "warning": "[yellow]warning[/yellow]",
}


def plan_for(stage: Stage, world: World) -> IntegrationPlan:
    """The plan of the demo: its three systems and its seller."""
    from ambar.cli.demo.stage import INTEGRATION_PASSWORD
    from ambar.cli.demo.world import DEFAULT_LOCATION, DEMO_SELLER, HOOK_SECRET

    return IntegrationPlan(
        oms_url=stage.url("oms"), oms_token=stage.tokens["oms"], omnitron_url=stage.url("omnitron"),
        omnitron_username="integration", omnitron_password=INTEGRATION_PASSWORD, seller_center_url=stage.url("seller_center"),
        seller_center_token=world.seller_token, supplier_code=DEMO_SELLER, hook_secret=HOOK_SECRET,
        cargo_company_map={"yurtici": "Yurtiçi Kargo"}, default_cargo_company="yurtici",
        default_location=DEFAULT_LOCATION,
    )  # fmt: skip


def steps(plan: IntegrationPlan) -> Iterator[Step]:
    """Each step as it is done.

    :raises Unexpected: a step could not be done; the text says which and why.
    """
    try:
        yield from integrate_steps(plan)
    except CouldNotIntegrate as error:
        raise Unexpected(str(error)) from error


def integrate(*, as_json: bool, **arguments: Any) -> int:
    """Runs the four set-up steps; exit code 0 when all are done, 1 when one failed, 2 when something is missing."""
    missing = [name for name, value in arguments.items() if not value and name not in OPTIONAL]
    console = Console(stderr=as_json)
    if missing:
        console.print(
            f"[red]needed: {', '.join('--' + name.replace('_', '-') for name in missing)}[/red] (or the AMBAR_… variables of `--help`)"
        )
        return 2
    optional: dict[str, Any] = {name: arguments.pop(name) or None for name in OPTIONAL}
    done: list[Step] = []
    failure = None
    try:
        for step in steps(IntegrationPlan(**arguments, **optional)):
            done.append(step)
            if not as_json:
                console.print(f"{MARKS.get(step.outcome, step.outcome)} {step.name}: {step.detail}")
    except Unexpected as error:
        failure = str(error)
        console.print(f"[red]{failure}[/red]")
    if as_json:
        echo_json({"ok": failure is None, "error": failure, "steps": [asdict(step) for step in done]})
    return int(failure is not None)

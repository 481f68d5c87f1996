"""Entry point of the `ambar` command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from ambar.cli import memory, systems

app = typer.Typer(
    name="ambar",
    help="Ambar: OMS, Seller Center and Omnitron.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
oms = typer.Typer(help="One seller's order management system.", no_args_is_help=True)
seller_center = typer.Typer(help="The marketplace.", no_args_is_help=True)
omnitron = typer.Typer(help="The commerce hub.", no_args_is_help=True)
app.add_typer(oms, name="oms")
app.add_typer(seller_center, name="seller-center")
app.add_typer(omnitron, name="omnitron")

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one JSON document.")]


def _django(system: systems.System, *arguments: str) -> None:
    """Becomes a Django command of the system: signals, exit code and the end of a pipe are its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"ambar.{system.module}.settings")
    os.environ.update(systems.targets_of_the_demo(system, os.environ))
    sys.stdout.flush()
    os.execv(sys.executable, system.manage(*arguments))  # noqa: S606  replaces this process


def _common_commands(group: typer.Typer, system: systems.System) -> None:
    @group.command()
    def serve(
        port: int = system.default_port,
        address: str = systems.LOOPBACK,
        workers: int = 1,
        threads: Annotated[
            int | None, typer.Option(help="Requests worked on at once (`AMBAR_WEB_THREADS`, 8).")
        ] = None,
        with_work: Annotated[
            bool,
            typer.Option("--work", help="Do the background work in the same process: for a small machine."),
        ] = False,
    ) -> None:
        """Serve the web tier (granian)."""
        if with_work and workers != 1:
            raise typer.BadParameter("one process serves and works; leave --workers at 1")
        memory.begin()
        if not with_work:
            systems.serve(system, port=port, address=address, workers=workers, threads=threads)
            return
        from ambar.cli import serving

        serving.serve(system, port=port, address=address, threads=threads, with_work=True)

    @group.command()
    def work() -> None:
        """Run the background worker."""
        _django(system, "work")

    @group.command()
    def migrate(as_json: Json = False) -> None:
        """Bring the database to this version."""
        code = subprocess.call(system.manage("migrate", "--verbosity", "0" if as_json else "1"))
        if as_json:
            typer.echo(json.dumps({"system": system.name, "migrated": code == 0}))
        raise typer.Exit(code)

    @group.command()
    def shell() -> None:
        """Open a Python shell with the system's models."""
        _django(system, "shell")

    @group.command("events", context_settings=PASSED_ON, add_help_option=False)
    def events(context: typer.Context) -> None:
        """Events: replay what left, list replays and parked lanes; list what came and was set aside, take it again (`--help` tells)."""
        _django(system, "events", *context.args)

    @group.command("tokens", context_settings=PASSED_ON, add_help_option=False)
    def tokens(context: typer.Context) -> None:
        """Tokens of programs: `list` shows the living ones and when each was last used, `revoke ID` ends one."""
        _django(system, "tokens", *context.args)


for _group, _system in (
    (oms, systems.OMS),
    (seller_center, systems.SELLER_CENTER),
    (omnitron, systems.OMNITRON),
):
    _common_commands(_group, _system)


@app.command()
def demo(
    orders: Annotated[int, typer.Option(min=1, help="How many orders to place.")] = 200,
    rate: Annotated[float, typer.Option(min=0.1, help="Orders placed per second.")] = 20.0,
    exit_: Annotated[
        bool, typer.Option("--exit", help="End after the report instead of serving on.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the generated world and orders.")] = 1,
    apart: Annotated[
        bool,
        typer.Option("--apart", help="Two processes per system, a web tier and a worker, instead of one."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Start the three systems, integrate them and run orders through all of them."""
    from ambar.cli.demo import command

    raise typer.Exit(
        command.run(orders=orders, rate=rate, stay=not exit_, seed=seed, as_json=as_json, together=not apart)
    )


@oms.command()
def integrate(
    oms_url: Annotated[str, typer.Option(envvar="AMBAR_OMS_URL")] = f"http://{systems.LOOPBACK}:8001",
    oms_token: Annotated[str, typer.Option(envvar="AMBAR_OMS_TOKEN", help="Admin token of the OMS.")] = "",
    omnitron_url: Annotated[
        str, typer.Option(envvar="AMBAR_OMNITRON_URL")
    ] = f"http://{systems.LOOPBACK}:8003",
    omnitron_username: Annotated[str, typer.Option(envvar="AMBAR_OMNITRON_USERNAME")] = "",
    omnitron_password: Annotated[str, typer.Option(envvar="AMBAR_OMNITRON_PASSWORD")] = "",
    seller_center_url: Annotated[
        str, typer.Option(envvar="AMBAR_SELLER_CENTER_URL")
    ] = f"http://{systems.LOOPBACK}:8002",
    seller_center_token: Annotated[
        str, typer.Option(envvar="AMBAR_SELLER_CENTER_TOKEN", help="The seller's OMS token.")
    ] = "",
    supplier_code: Annotated[str, typer.Option(envvar="AMBAR_SUPPLIER_CODE")] = "",
    hook_secret: Annotated[str, typer.Option(envvar="AMBAR_HOOK_SECRET", help="Signs package events.")] = "",
    push_token: Annotated[
        str,
        typer.Option(
            envvar="AMBAR_PUSH_TOKEN",
            help="Token of the OMS (role order_source) with which the Seller Center pushes orders.",
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Do the four set-up steps of the integration over the public APIs; safe to repeat."""
    from ambar.cli import integration

    raise typer.Exit(integration.integrate(as_json=as_json, oms_url=oms_url, oms_token=oms_token, omnitron_url=omnitron_url,
        omnitron_username=omnitron_username, omnitron_password=omnitron_password, seller_center_url=seller_center_url,
        seller_center_token=seller_center_token, supplier_code=supplier_code, hook_secret=hook_secret, push_token=push_token))  # fmt: skip


class FormerHooks(StrEnum):
    """What becomes of the hooks to and from a former Seller Center."""

    OFF = "off"
    KEEP = "keep"


@oms.command()
def doctor(
    oms_url: Annotated[str, typer.Option(envvar="AMBAR_OMS_URL")] = f"http://{systems.LOOPBACK}:8001",
    oms_token: Annotated[str, typer.Option(envvar="AMBAR_OMS_TOKEN", help="Admin token of the OMS.")] = "",
    step: Annotated[
        list[int] | None,
        typer.Option(help="Only this step (1 to 4, 5 is the walk); repeatable."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended from here; safe to repeat.")
    ] = False,
    walk: Annotated[bool, typer.Option("--walk", help="Walk a synthetic order through as well.")] = False,
    own_url: Annotated[str, typer.Option(help="For --fix: the OMS's address as Omnitron sees it.")] = "",
    omnitron_url: Annotated[str, typer.Option(envvar="AMBAR_OMNITRON_URL", help="For --fix.")] = "",
    omnitron_username: Annotated[str, typer.Option(envvar="AMBAR_OMNITRON_USERNAME", help="For --fix.")] = "",
    omnitron_password: Annotated[str, typer.Option(envvar="AMBAR_OMNITRON_PASSWORD", help="For --fix.")] = "",
    seller_center_url: Annotated[str, typer.Option(envvar="AMBAR_SELLER_CENTER_URL", help="For --fix.")] = "",
    seller_center_token: Annotated[
        str, typer.Option(envvar="AMBAR_SELLER_CENTER_TOKEN", help="For --fix: the seller's OMS token.")
    ] = "",
    seller_center_admin_token: Annotated[
        str, typer.Option(envvar="AMBAR_SELLER_CENTER_ADMIN_TOKEN", help="For --fix: a token of its owner.")
    ] = "",
    supplier_code: Annotated[str, typer.Option(envvar="AMBAR_SUPPLIER_CODE", help="For --fix.")] = "",
    hook_secret: Annotated[
        str, typer.Option(envvar="AMBAR_HOOK_SECRET", help="For --fix: what package events are signed with.")
    ] = "",
    former_hooks: Annotated[
        FormerHooks | None,
        typer.Option(help="For --fix: hooks to and from a former Seller Center, switched off or kept."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the integration: what is wrong, why it matters, how to mend it. Exit code 0 only when all holds."""
    from ambar.cli import doctor as doctoring

    if fix and step:
        raise typer.BadParameter("--fix goes through all steps; leave --step away")
    for one in step or ():
        if not 1 <= one <= 5:
            raise typer.BadParameter(f"--step {one}: there are steps 1 to 4, and 5 is the walk")
    given = {"oms_url": own_url or (oms_url if fix else ""), "omnitron_url": omnitron_url, "omnitron_username": omnitron_username,
        "omnitron_password": omnitron_password, "seller_center_url": seller_center_url, "seller_center_token": seller_center_token,
        "seller_center_admin_token": seller_center_admin_token, "supplier_code": supplier_code, "hook_secret": hook_secret,
        "former_hooks": former_hooks.value if former_hooks else ""}  # fmt: skip
    raise typer.Exit(doctoring.run(oms_url=oms_url, oms_token=oms_token, steps=step or [], fix=fix, walk=walk,
        given={name: value for name, value in given.items() if value}, as_json=as_json))  # fmt: skip


stock = typer.Typer(help="Stock figures and the reservation ledger.", no_args_is_help=True)
oms.add_typer(stock, name="stock")
states = typer.Typer(help="States and state transitions.", no_args_is_help=True)
oms.add_typer(states, name="states")


def _passes_on(group: typer.Typer, name: str, told: str, *, command: str | None = None) -> None:
    """Registers a command of the OMS that the system itself answers, options and all (`--help` lists them)."""

    @group.command(name, help=told, context_settings=PASSED_ON, add_help_option=False)
    def run(context: typer.Context) -> None:
        _django(systems.OMS, command or name, *context.args)


_passes_on(
    oms, "lint", "Findings about scenarios and rules: cause, effect, fix. Exit code 1 when one is an error."
)
_passes_on(
    oms, "replay", "Plan stored decisions again and compare bit for bit. Exit code 1 when one differs."
)
_passes_on(oms, "bulk", "Bulk actions: list the open ones, follow one to its end, --stop it or --resume it.")
_passes_on(oms, "reconcile", "Compare with the Seller Center and show what differs; --apply repairs it.")
_passes_on(
    oms, "statement", "The closing statement of a day: orders in, events out, missing, twice, repaired."
)
_passes_on(
    states, "check", "Unreachable states, dead ends, transitions that can't be run.", command="states_check"
)
_passes_on(stock, "check", "Compare the ledger with balances, reservations and quota.", command="stock_check")
_passes_on(
    stock, "repair", "Preview what would mend the balances, or do it with --apply.", command="stock_repair"
)
_passes_on(
    stock,
    "tidy",
    "Lay each product's balances side by side: planning reads stock in a third of the time. Takes seconds, in which stock waits.",
    command="stock_tidy",
)
_passes_on(stock, "import", "Take a CSV file of stock figures.", command="stock_import")


carrier = typer.Typer(help="A simulated cargo company.", no_args_is_help=True)
app.add_typer(carrier, name="carrier")


@carrier.command("serve")
def serve_carrier(
    port: int = 8004,
    address: str = systems.LOOPBACK,
    username: Annotated[str, typer.Option(envvar="AMBAR_CARRIER_USERNAME")] = "ambar",
    password: Annotated[str, typer.Option(envvar="AMBAR_CARRIER_PASSWORD")] = "ambar",  # noqa: S107
    seed: Annotated[int, typer.Option(help="Decides what becomes of each parcel.")] = 1,
    day_seconds: Annotated[float, typer.Option(min=0.01, help="How long a carrier's day lasts.")] = 86_400.0,
    failures: Annotated[bool, typer.Option(help="Refuse some parcels at first.")] = True,
    file: Annotated[str, typer.Option(help="Keep the parcels in this file; in memory without.")] = "",
) -> None:
    """Answer the shipment-flow contract: labels, slow days, failures, and histories told twice or out of order."""
    from pathlib import Path

    from ambar.carrier.book import Book
    from ambar.carrier.server import serve

    book = Book(seed=seed, day_seconds=day_seconds, failures=failures, file=Path(file) if file else None)
    serve(book, port=port, address=address, username=username, password=password)


fake = typer.Typer(help="Made-up services of the outside world.", no_args_is_help=True)
app.add_typer(fake, name="fake")


@fake.command("erp")
def fake_erp(
    port: int = 8005,
    address: str = systems.LOOPBACK,
    username: Annotated[
        str, typer.Option(envvar="AMBAR_ERP_USERNAME", help="Ask for basic authentication.")
    ] = "",
    password: Annotated[str, typer.Option(envvar="AMBAR_ERP_PASSWORD")] = "",
    token: Annotated[str, typer.Option(envvar="AMBAR_ERP_TOKEN", help="Ask for this bearer token.")] = "",
    seed: Annotated[int, typer.Option(help="Decides which tries fail and which are slow.")] = 1,
    failures: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of tries that fail.")] = 0.0,
    slow: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of tries that are slow.")] = 0.0,
    slow_seconds: Annotated[float, typer.Option(min=0.0, help="How long a slow try takes.")] = 2.0,
    links: Annotated[bool, typer.Option(help="Link to documents instead of sending them along.")] = False,
) -> None:
    """Answer the invoice and bill contract: POST /invoices, GET /bills, what was made at GET /ledger."""
    from ambar.cli.fake.erp_ledger import Ledger
    from ambar.cli.fake.erp_server import serve

    ledger = Ledger(seed=seed, failures=failures, slow=slow, slow_seconds=slow_seconds)
    serve(ledger, port=port, address=address, username=username, password=password, token=token, links=links)


def _contract_fakes() -> None:
    from ambar.cli.fake import commands

    fake.command("seller-center")(commands.seller_center)
    fake.command("omnitron")(commands.omnitron)


_contract_fakes()


def echo_json(document: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def main() -> None:
    """Console-script entry."""
    app()


if __name__ == "__main__":
    main()

"""`ambar demo`: start, set up, run orders through, prove, then serve on until Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ambar.cli import systems
from ambar.cli.demo.cargo import Cargo
from ambar.cli.demo.floor import HANDED_OVER, Floor
from ambar.cli.demo.proof import Proof, prove, settled
from ambar.cli.demo.rules import set_up_rules
from ambar.cli.demo.stage import PASSWORD, Stage, choose_ports
from ambar.cli.demo.traffic import Placed, Traffic
from ambar.cli.demo.world import Builder, World
from ambar.cli.integration import plan_for, steps
from ambar.cli.main import echo_json
from ambar.cli.wire import Unexpected
from ambar.kit.postgres import default_home

LONGEST_QUIET_SECONDS = 120.0
"""After this long without a package moving on, the run stops waiting and the proof says what is missing."""


class Screen:
    """Progress on a terminal, plain lines elsewhere, nothing but the final document with `--json`."""

    def __init__(self, *, as_json: bool) -> None:
        self.silent = as_json
        self.console = Console(stderr=as_json)
        self.begun = time.monotonic()
        self.notes: deque[str] = deque(maxlen=6)
        self.live: Live | None = None

    def line(self, text: str) -> None:
        if not self.silent:
            self.console.print(f"[dim]{time.monotonic() - self.begun:6.1f} s[/dim]  {text}")

    def note(self, text: str) -> None:
        """Something out of the ordinary: a process that ended, a call that failed."""
        if self.live is not None and self.console.is_terminal:
            self.notes.append(text[:200])
        else:
            self.console.print(f"[yellow]{time.monotonic() - self.begun:6.1f} s  {text[:300]}[/yellow]")


def run(*, orders: int, rate: float, stay: bool, seed: int, as_json: bool, together: bool = True) -> int:
    """The whole demo; the exit code is 0 only when nothing was lost, nothing doubled and all systems agree."""
    screen = Screen(as_json=as_json)
    home = default_home()
    stage = Stage(home=home, ports=choose_ports(home), on_event=screen.note, together=together)
    cargo = Cargo(home, port=stage.ports["carrier"])
    interrupted = threading.Event()
    _on_signals(interrupted)
    try:
        world = set_up(stage, seed=seed, line=screen.line)
        screen.line(cargo.connect(stage.wire("oms")))
        proof = through(
            stage,
            world,
            orders=orders,
            rate=rate,
            seed=seed,
            screen=screen,
            interrupted=interrupted,
            with_carrier=True,
        )
        report(stage, proof, screen)
        if stay and not interrupted.is_set():
            screen.line("Serving on. Ctrl-C stops everything; the data stays for the next start.")
            with contextlib.suppress(KeyboardInterrupt):
                interrupted.wait()
    except (Unexpected, RuntimeError) as error:
        screen.console.print(f"[red]{error}[/red]")
        return 1
    except KeyboardInterrupt:
        screen.line("Interrupted; the data stays, the next start goes on with it.")
        return 130
    finally:
        screen.line("Stopping ...")
        stage.stop()
        cargo.close()
    return 0 if proof.holds else 1


def _on_signals(interrupted: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        if interrupted.is_set():
            return
        interrupted.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def set_up(stage: Stage, *, seed: int, line: Callable[[str], None]) -> World:
    """Systems up, world built, the four set-up steps done over HTTP."""
    for text in stage.start():
        line(text)
    builder = Builder(stage, seed=seed)
    for text in builder.steps():
        line(text)
    assert builder.world is not None
    set_up_again(stage, builder.world, line=line)
    return builder.world


def set_up_again(stage: Stage, world: World, *, line: Callable[[str], None]) -> None:
    """The four set-up steps over HTTP; on systems that are set up already they find nothing to do."""
    for step in steps(plan_for(stage, world)):
        line(f"set-up: {step.name}: {step.outcome} {step.detail}".rstrip())
    for text in set_up_rules(stage.wire("oms")):
        line(text)


def through(
    stage: Stage,
    world: World,
    *,
    orders: int,
    rate: float,
    seed: int,
    screen: Screen,
    interrupted: threading.Event | None = None,
    with_carrier: bool = False,
) -> Proof:
    """Places the orders, lets the floor work until everything has settled, and compares the systems."""
    placed = flow(
        stage,
        world,
        orders=orders,
        rate=rate,
        seed=seed,
        screen=screen,
        interrupted=interrupted,
        with_carrier=with_carrier,
    )
    proof = _patient_proof(stage, placed.numbers)
    if placed.orders < orders:
        proof.lost.append(f"only {placed.orders} of {orders} orders could be placed")
    return proof


def flow(
    stage: Stage,
    world: World,
    *,
    orders: int,
    rate: float,
    seed: int,
    screen: Screen,
    interrupted: threading.Event | None = None,
    with_carrier: bool = False,
) -> Placed:
    """Places the orders and lets the floor work until everything has settled, or nothing moves any more."""
    traffic = Traffic(stage.wire("omnitron"), world, seed=seed, count=orders, rate=rate, on_error=screen.note)
    floor = Floor(stage.wire("oms"), on_error=screen.note, with_carrier=with_carrier)
    traffic.start()
    floor.start()
    try:
        for _ in _watch(stage, traffic, floor, screen):
            if interrupted is not None and interrupted.is_set():
                break
    finally:
        traffic.stop()
        floor.stop()
    return traffic.placed


def _patient_proof(stage: Stage, placed: dict[str, float], *, seconds: float = 120) -> Proof:
    """Item statuses reach Omnitron last; the proof is taken again while only they are missing."""
    end = time.monotonic() + seconds
    while True:
        proof = prove(stage, placed)
        if proof.holds or proof.lost or proof.twice or time.monotonic() > end:
            return proof
        time.sleep(0.5)


def _watch(stage: Stage, traffic: Traffic, floor: Floor, screen: Screen) -> Iterator[None]:
    """Draws progress until all orders are placed and everything has settled, or nothing moves any more."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=36),
        TextColumn("{task.completed:>6.0f} / {task.total:.0f}"),
        TimeElapsedColumn(),
        console=screen.console,
    )
    names = {"placed": "orders placed", "deallocate-reservations": "packages preparing", "complete-packaging-from-preparing": "packages packed",
             "shipment-order": "packages shipped", "delivered-from-shipped": "packages delivered"}  # fmt: skip
    tasks = {key: progress.add_task(text, total=traffic.count) for key, text in names.items()}
    last, quiet_since = -1, time.monotonic()
    oms = stage.wire("oms")
    with Live(console=screen.console, refresh_per_second=4, transient=True) as live:
        screen.live = None if screen.silent or not screen.console.is_terminal else live
        while True:
            moved = traffic.placed.orders + sum(floor.done.values())
            still = moved == last
            if not still:
                last, quiet_since = moved, time.monotonic()
            if not screen.silent:
                _draw(oms, traffic, floor, progress, tasks)
                live.update(Group(progress, *(Text(note, style="yellow") for note in screen.notes)))
            yield
            # What still moves has not settled; asking for it costs the systems as much as a few orders.
            if traffic.finished and still and _settled(stage):
                break
            if time.monotonic() - quiet_since > LONGEST_QUIET_SECONDS:
                screen.note("nothing has moved for two minutes; comparing what is there")
                break
            time.sleep(0.4)
        screen.live = None


def _draw(
    oms: object, traffic: Traffic, floor: Floor, progress: Progress, tasks: Mapping[str, TaskID]
) -> None:
    walked = (_count(oms) or traffic.count) - floor.done[HANDED_OVER]
    total = {"placed": traffic.count, "deallocate-reservations": walked + floor.done[HANDED_OVER]}
    for key, task in tasks.items():
        done = traffic.placed.orders if key == "placed" else floor.done[key]
        progress.update(task, completed=done, total=max(total.get(key, walked), done))


def _count(oms: object) -> int:
    try:
        return int(oms.count("/api/v1/oms/packages/short/"))  # type: ignore[attr-defined]
    except Unexpected:
        return 0


def _settled(stage: Stage) -> bool:
    try:
        return settled(stage)
    except Unexpected:
        return False


def report(stage: Stage, proof: Proof, screen: Screen) -> None:
    """Figures, verdict and where to look."""
    if screen.silent:
        consoles = {system.name: stage.url(system.module) for system in systems.SYSTEMS}
        echo_json(
            {**proof.as_json(), "consoles": consoles, "seconds": round(time.monotonic() - screen.begun, 1)}
        )
        return
    table = Table(title="What happened", show_header=False, title_justify="left")
    rows: list[tuple[str, object]] = [
        ("orders in the shop", proof.orders),
        ("of them with lines of the demo seller", proof.demo_seller_orders),
        ("orders of other sellers (default packages)", proof.other_sellers_orders),
        (
            "packages",
            f"{proof.packages} ({proof.delivered_packages} delivered, {proof.out_of_stock_packages} out of stock, "
            f"{proof.replanned_packages} refused and planned anew)",
        ),
        ("transfers between stores", proof.transfers),
        ("parcels the carrier delivered", proof.carried),
        (
            "events recorded / delivered / applied",
            f"{proof.events_recorded} / {proof.events_delivered} / {proof.events_applied}",
        ),
        ("events repeated / late (changed nothing)", f"{proof.events_repeated} / {proof.events_late}"),
        ("orders quarantined / on hold", f"{proof.quarantined} / {proof.held}"),
        (
            "order placed → package known, p50 / p95",
            "–" if proof.p50 is None else f"{proof.p50 * 1000:.0f} / {(proof.p95 or 0) * 1000:.0f} ms",
        ),
        (
            "order at the Seller Center → package applied there",
            "–"
            if proof.applied_p50 is None
            else f"{proof.applied_p50 * 1000:.0f} / {(proof.applied_p95 or 0) * 1000:.0f} ms",
        ),
    ]
    for name, value in rows:
        table.add_row(name, str(value))
    for name, found in (("lost", proof.lost), ("twice", proof.twice), ("disagreements", proof.disagreements)):
        table.add_row(name, Text(str(len(found)), style="bold red" if found else "bold green"))
    screen.console.print(table)
    for finding in [*proof.lost, *proof.twice, *proof.disagreements][:20]:
        screen.console.print(f"  [red]{finding}[/red]")
    people = Table(title="Consoles", title_justify="left")
    for heading in ("system", "address", "user", "password"):
        people.add_column(heading)
    people.add_row("OMS", stage.url("oms") + "/", "admin", PASSWORD)
    people.add_row("Seller Center (owner)", stage.url("seller_center") + "/", "owner", PASSWORD)
    people.add_row("Seller Center (seller)", stage.url("seller_center") + "/", "seller", PASSWORD)
    people.add_row("Omnitron", stage.url("omnitron") + "/", "admin", PASSWORD)
    screen.console.print(people)

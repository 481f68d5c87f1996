"""The ground of the fault suite: the three systems as real processes, a network that misbehaves between them, and load.

The Seller Center is known to everybody by the address of a proxy, so that whatever passes between the OMS, the hub and the
Seller Center can be disturbed. The suite itself looks past it, straight into the three databases.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from ambar.cli import systems
from ambar.cli.demo import command
from ambar.cli.demo.floor import Floor
from ambar.cli.demo.stage import Stage
from ambar.cli.demo.traffic import Traffic
from ambar.cli.demo.world import World
from tests.faults.proxy import Proxy
from tests.faults.watching import Notes

WORLD_SEED = 7
HIDDEN = ("AMBAR_TEST_SERVER", "AMBAR_TEST_RUN", "AMBAR_HOME", "AMBAR_ALLOWED_TARGETS", "AMBAR_FAILPOINT")


@dataclass(slots=True)
class DisturbedStage(Stage):
    """A stage whose Seller Center is reached through a proxy."""

    proxy_port: int = 0

    def url(self, module: str) -> str:
        port = self.proxy_port if module == "seller_center" else self.ports[module]
        return f"http://{systems.LOOPBACK}:{port}"


@dataclass(slots=True)
class Ground:
    """What a fault is done to: running systems, a floor that works, and past them the three databases."""

    stage: Stage
    world: World
    screen: Notes
    proxy: Proxy | None = None
    placed: set[str] = field(default_factory=set)
    floor: Floor = field(init=False)

    def __post_init__(self) -> None:
        self.floor = Floor(self.stage.wire("oms"), on_error=self.screen.note)

    @property
    def home(self) -> Path:
        return self.stage.home

    @property
    def market_port(self) -> int:
        """The port by which the others know the Seller Center."""
        return self.proxy.port if self.proxy else self.stage.ports["seller_center"]

    # -- load ------------------------------------------------------------------------------------------

    def traffic(self, *, orders: int, rate: float) -> Traffic:
        """Orders for the shop, not yet started; the stream goes on where the last one ended."""
        return Traffic(
            self.stage.wire("omnitron"),
            self.world,
            seed=WORLD_SEED,
            count=orders,
            rate=rate,
            on_error=self.screen.note,
        )

    # -- processes -------------------------------------------------------------------------------------

    def pid(self, name: str) -> int:
        """The process that runs under this name now.

        :raises KeyError: none does at this moment.
        """
        return self.stage.supervisor.processes()[name]

    def arm(self, name: str, point: str) -> Arming:
        """The next start of this process has the failpoint; `disarm` before it may start once more."""
        child = next(child for child in self.stage.supervisor.children if child.name == name)
        return Arming(child=child, point=point)

    # -- databases -------------------------------------------------------------------------------------

    def database(self, module: str) -> str:
        """The libpq URL of a system's database."""
        server = self.stage.supervisor._server
        assert server is not None
        return server.url(f"ambar_{module}")

    @contextmanager
    def connection(self, module: str) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.database(module), autocommit=True, connect_timeout=20) as connection:
            connection.execute("set statement_timeout = '60s'")
            yield connection

    def ask(self, module: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query; raises psycopg.OperationalError while the database is away."""
        with self.connection(module) as connection:
            return connection.execute(statement, parameters or None).fetchall()

    def one(self, module: str, statement: str, *parameters: Any) -> Any:
        return self.ask(module, statement, *parameters)[0][0]


@dataclass(slots=True)
class Arming:
    """One process and the point it is to die at."""

    child: Any
    point: str

    def arm(self) -> None:
        self.child.environment["AMBAR_FAILPOINT"] = self.point

    def disarm(self) -> None:
        self.child.environment.pop("AMBAR_FAILPOINT", None)


@contextmanager
def new_ground(*, crowd: int = 1) -> Iterator[Ground]:
    """Everything up, set up and at work, in a directory of its own; ended afterwards, whatever happened.

    The data goes too, unless `AMBAR_KEEP_HOME` is set.

    :param crowd: worker processes per system.
    """
    screen = Notes()
    kept = {key: os.environ.pop(key, None) for key in HIDDEN}
    # Sinks of single faults listen on ports of their own.
    os.environ["AMBAR_ALLOWED_TARGETS"] = f"{systems.LOOPBACK}:*"
    home = Path(tempfile.mkdtemp(prefix="ambar-faults-", dir="/var/tmp"))
    home.chmod(0o755)
    ports = {system.module: systems.free_port() for system in systems.SYSTEMS}
    proxy = Proxy(port=systems.free_port(), target=(systems.LOOPBACK, ports["seller_center"])).start()
    stage = DisturbedStage(home=home, ports=ports, on_event=screen.note, proxy_port=proxy.port)
    stage.supervisor.workers_per_system = crowd
    try:
        world = command.set_up(stage, seed=WORLD_SEED, line=screen.line)
        ground = Ground(stage=stage, world=world, screen=screen, proxy=proxy)
        ground.floor.start()
        try:
            yield ground
        finally:
            proxy.behave()
            ground.floor.stop()
    finally:
        stage.stop()
        proxy.stop()
        for key, value in kept.items():
            os.environ.pop(key, None)
            if value is not None:
                os.environ[key] = value
        if not os.environ.get("AMBAR_KEEP_HOME"):
            shutil.rmtree(home, ignore_errors=True)

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
    """What a fault is done to.

    :param crowd: worker processes per system.
    """

    crowd: int = 1
    screen: Notes = field(default_factory=Notes)
    home: Path = field(init=False)
    stage: DisturbedStage = field(init=False)
    proxy: Proxy = field(init=False)
    world: World = field(init=False)
    floor: Floor = field(init=False)
    placed: set[str] = field(default_factory=set)
    _kept: dict[str, str | None] = field(default_factory=dict)

    def start(self) -> None:
        """Everything up and set up; raises what went wrong, after cleaning up."""
        self._kept = {key: os.environ.pop(key, None) for key in HIDDEN}
        # Sinks of single faults listen on ports of their own.
        os.environ["AMBAR_ALLOWED_TARGETS"] = f"{systems.LOOPBACK}:*"
        self.home = Path(tempfile.mkdtemp(prefix="ambar-faults-", dir="/var/tmp"))
        self.home.chmod(0o755)
        ports = {system.module: systems.free_port() for system in systems.SYSTEMS}
        target = (systems.LOOPBACK, ports["seller_center"])
        self.proxy = Proxy(port=systems.free_port(), target=target).start()
        self.stage = DisturbedStage(
            home=self.home, ports=ports, on_event=self.screen.note, proxy_port=self.proxy.port
        )
        self.stage.supervisor.workers_per_system = self.crowd
        try:
            self.world = command.set_up(self.stage, seed=WORLD_SEED, line=self.screen.line)
        except BaseException:
            self.stop()
            raise
        self.floor = Floor(self.stage.wire("oms"), on_error=self.screen.note)
        self.floor.start()

    def stop(self) -> None:
        """Everything ended that was started; the data goes unless `AMBAR_KEEP_HOME` is set."""
        self.proxy.behave()
        if hasattr(self, "floor"):
            self.floor.stop()
        self.stage.stop()
        self.proxy.stop()
        for key, value in self._kept.items():
            os.environ.pop(key, None)
            if value is not None:
                os.environ[key] = value
        if not os.environ.get("AMBAR_KEEP_HOME"):
            shutil.rmtree(self.home, ignore_errors=True)

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
        with psycopg.connect(self.database(module), autocommit=True, connect_timeout=2) as connection:
            connection.execute("set statement_timeout = '20s'")
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

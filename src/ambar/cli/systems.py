"""What the command line knows about the three systems: names, ports, how each is started."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ambar.kit.postgres import default_home

Name = Literal["oms", "seller-center", "omnitron"]
LOOPBACK = "127.0.0.1"
CONNECTIONS = 1024
"""Open connections a web worker keeps."""
NEW_WORKER_SECONDS = float(os.environ.get("AMBAR_WEB_RELOAD_SECONDS") or 10)
"""How long after a new worker was started (SIGHUP) the old one is told to stop: by then the new one takes requests."""


@dataclass(frozen=True, slots=True)
class System:
    """One of the three deployables."""

    name: str
    module: str
    default_port: int
    title: str

    @property
    def database(self) -> str:
        return f"ambar_{self.module}"

    @property
    def environment_key(self) -> str:
        return f"AMBAR_{self.module.upper()}_DATABASE_URL"

    def manage(self, *arguments: str) -> list[str]:
        """The command line of a Django command of this system."""
        return [sys.executable, "-m", f"ambar.{self.module}", *arguments]


OMS = System(name="oms", module="oms", default_port=8001, title="OMS")
SELLER_CENTER = System(name="seller-center", module="seller_center", default_port=8002, title="Seller Center")
OMNITRON = System(name="omnitron", module="omnitron", default_port=8003, title="Omnitron")
SYSTEMS = (OMNITRON, SELLER_CENTER, OMS)


def targets_of_the_demo(system: System, environment: Mapping[str, str]) -> dict[str, str]:
    """`AMBAR_ALLOWED_TARGETS` for a command beside a running demo: its three systems call each other on loopback.

    Empty when the variable is set, the system has a database of its own, or no demo ever ran over this home.
    """
    kept = Path(environment.get("AMBAR_HOME") or default_home()) / "ports.json"
    if (
        "AMBAR_ALLOWED_TARGETS" in environment
        or environment.get(system.environment_key)
        or not kept.is_file()
    ):
        return {}
    return {"AMBAR_ALLOWED_TARGETS": loopback_targets(json.loads(kept.read_text()))}


def loopback_targets(ports: Mapping[str, int]) -> str:
    """What the address guard is told to let through when these ports of this machine belong together."""
    return ",".join(f"{LOOPBACK}:{port}" for port in ports.values())


def port_is_free(port: int) -> bool:
    """True when nothing listens on the loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Some loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def serve(
    system: System,
    *,
    port: int,
    address: str = LOOPBACK,
    workers: int = 1,
    threads: int | None = None,
    server: Callable[..., Any] | None = None,
) -> None:
    """Runs the system's web tier under granian until it is told to stop (this call does not return before).

    A connection kept alive holds one of `CONNECTIONS` places for as long as it stays open, also while it is idle:
    too few places starve new callers. What is too much work is shed by the application, with 503, for which the server
    has more threads than work is done in.

    :param threads: requests worked on at once; `AMBAR_WEB_THREADS` when None.
    :param server: the class of the server, when it is not the ordinary one that watches over its workers.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from ambar.kit import admission, durability
    from ambar.kit.config import Config

    durability.insist(system.module)
    config = Config()
    static = Path(os.environ.get("AMBAR_STATIC_ROOT") or config.data_home / "static" / system.module)
    mounts: dict[str, Any] = (
        {"static_path_route": ["/static"], "static_path_mount": [static]} if static.is_dir() else {}
    )
    logging.getLogger("_granian").addFilter(_is_news)
    at_once = config.web_threads if threads is None else threads
    os.environ["AMBAR_WEB_THREADS"] = str(at_once)  # for the application, in this process or in workers
    (server or Granian)(
        f"ambar.{system.module}.wsgi:application", address=address, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=admission.threads(at_once, config.web_waiting), backpressure=CONNECTIONS, log_access=False, log_level=LogLevels.warning,
        respawn_failed_workers=True, respawn_interval=NEW_WORKER_SECONDS, workers_kill_timeout=5, websockets=False, **mounts,
    ).serve()  # fmt: skip


def _is_news(record: logging.LogRecord) -> bool:
    """More threads than cores are meant: most of them wait for their turn or for the database."""
    return "spawning up to" not in str(record.msg)

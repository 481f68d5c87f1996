"""One supervisor for the embedded PostgreSQL and the processes of the three systems.

It owns every process it starts, restarts whatever dies, and stops all of them in order. State on disk
(`run/processes.json` under the home directory) tells names and pids, so that a test can kill one and a
later start can end what a killed supervisor left behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from ambar.cli import memory, systems
from ambar.kit.postgres import Server, ServerDidNotStart

POLL_SECONDS = 0.1
RESTART_SECONDS = 0.2
LONGEST_RESTART_SECONDS = 3.0
STEADY_SECONDS = 5.0
"""Who ends before this is started again ever more slowly, so that a process that can't run does not keep the machine busy."""


@dataclass(slots=True)
class Child:
    """A supervised process: how to start it, and the one that runs now."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started_at: float = 0.0
    next_start: float = 0.0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill_group(self, number: int) -> None:
        """Signals the process and everything it started (a server's own workers)."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


@dataclass(slots=True)
class Supervisor:
    """Starts, watches and stops PostgreSQL and the processes of the three systems: of each a web tier and a worker, or both in one.

    :param home: directory of all data, logs and the run file.
    :param ports: port per system module name (`oms`, `seller_center`, `omnitron`).
    :param together: one process per system, called like the system, instead of `<system>-web` and `<system>-worker`.
    :param workers_per_system: worker processes where they are apart; the second is called `<system>-worker-2`.
    :param users: per system module what `ensure_users` takes; its answers are in `made_users` after the start.
    :param extra_environment: passed to every process (settings, failpoints).
    """

    home: Path
    ports: dict[str, int]
    extra_environment: dict[str, str] = field(default_factory=dict)
    web_threads: int = 8
    together: bool = False
    workers_per_system: int = 1
    users: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    made_users: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    on_event: Callable[[str], None] = lambda text: None
    children: list[Child] = field(default_factory=list)
    _server: Server | None = None
    _watcher: threading.Thread | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _server_start_at: float = 0.0
    _held: set[str] = field(default_factory=set)

    # -- start -----------------------------------------------------------------------------------------

    def start(self) -> Iterator[str]:
        """Starts everything step by step, yielding a short English line per step done."""
        for folder in ("run", "log"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        self._end_leftovers()
        self._refuse_taken_ports()
        if self._embedded:
            self._server = Server(self.home / "postgres")
            self._server.spawn()  # never a server somebody else left running: what we watch, we own
            self._server.wait()
            yield "PostgreSQL answers"
            for system in systems.SYSTEMS:
                self._server.ensure_database(system.database)
        yield from self._prepare()
        self._make_children()
        for child in self.children:
            child.start()
        self._write_run_file()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()
        for system in systems.SYSTEMS:
            self._wait_ready(system)
            yield f"{system.title} answers on port {self.ports[system.module]}"
        # What the migrations wrote would have to be written again after a crash; nobody waits for this.
        threading.Thread(target=self._checkpoint, name="checkpoint", daemon=True).start()

    def _refuse_taken_ports(self, *, seconds: float = 20) -> None:
        """Waits for the ports that an ended process may hold for a moment longer.

        :raises RuntimeError: another program listens on one of them.
        """
        end = time.monotonic() + seconds
        while taken := [s for s in systems.SYSTEMS if not systems.port_is_free(self.ports[s.module])]:
            if time.monotonic() > end:
                needed = "; ".join(
                    f"{system.title} needs port {self.ports[system.module]}" for system in taken
                )
                raise RuntimeError(
                    f"{needed}, and another program listens there. Stop it, or remove {self.home} to start anew."
                )
            time.sleep(0.05)

    @property
    def _embedded(self) -> bool:
        return not all(os.environ.get(system.environment_key) for system in systems.SYSTEMS)

    def environment(self, system: systems.System) -> dict[str, str]:
        """The environment of a process of this system."""
        allowed = systems.loopback_targets(self.ports)
        extra = os.environ.get("AMBAR_ALLOWED_TARGETS")
        env = {
            **os.environ,
            "AMBAR_HOME": str(self.home),
            "AMBAR_ALLOWED_TARGETS": f"{allowed},{extra}" if extra else allowed,
            "AMBAR_PORT": str(self.ports[system.module]),
            "AMBAR_STATIC_ROOT": str(self.home / "static" / system.module),
            "PYTHONUNBUFFERED": "1",
            **memory.thrifty(os.environ),
            **self.extra_environment,
        }
        if self._server is not None:
            env.setdefault(system.environment_key, self._server.url(system.database))
        return env

    def _prepare(self) -> Iterator[str]:
        """Migrations, static files and wanted users of the three systems, side by side."""
        running = []
        for system in systems.SYSTEMS:
            log = (self.home / "log" / f"{system.name}-prepare.log").open("wb")
            arguments = ["--verbosity", "0", "--users"] if system.module in self.users else []
            running.append((system, subprocess.Popen(
                system.manage("prepare", *arguments), env=self.environment(system), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )))  # fmt: skip
        for system, process in running:
            wanted = json.dumps(self.users.get(system.module, [])).encode()
            answer, _ = process.communicate(wanted)
            if process.returncode != 0:
                tail = (self.home / "log" / f"{system.name}-prepare.log").read_text()[-3000:]
                raise RuntimeError(f"{system.title}: could not be prepared\n{tail}")
            if system.module in self.users:
                self.made_users[system.module] = json.loads(answer.decode().splitlines()[-1])
            yield f"{system.title}: database migrated"

    def _make_children(self) -> None:
        self.children = []
        for system in systems.SYSTEMS:
            env = self.environment(system)
            serve = [sys.executable, "-m", "ambar.cli.serving", system.name, "--port", env["AMBAR_PORT"],
                     "--threads", str(self.web_threads)]  # fmt: skip
            if self.together:
                self.children.append(self._child(system.name, [*serve, "--work"], env))
            else:
                self.children.append(self._child(f"{system.name}-web", serve, env))
                for number in range(1, self.workers_per_system + 1):
                    name = f"{system.name}-worker" + (f"-{number}" if number > 1 else "")
                    self.children.append(self._child(name, system.manage("work"), env))

    def _child(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        return Child(
            name=name,
            command=command,
            environment={**environment, "AMBAR_PROCESS": name},
            log=self.home / "log" / f"{name}.log",
        )

    def _wait_ready(self, system: systems.System, *, seconds: float = 180) -> None:
        import http.client

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection = http.client.HTTPConnection(systems.LOOPBACK, self.ports[system.module], timeout=10)
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            connection.close()
            time.sleep(0.05)
        log = self.home / "log" / (f"{system.name}.log" if self.together else f"{system.name}-web.log")
        raise RuntimeError(
            f"{system.title} did not answer within {seconds:.0f} s; its log ends:\n{log.read_text()[-3000:]}"
        )

    def _checkpoint(self) -> None:
        if self._server is not None:
            with contextlib.suppress(psycopg.Error):
                self._server.checkpoint()

    # -- watch -----------------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            if "postgresql" not in self._held:
                self._watch_server()
            for child in self.children:
                if child.dead() and child.name not in self._held:
                    self._restart(child)

    def _restart(self, child: Child) -> None:
        now = time.monotonic()
        if child.next_start == 0.0:
            child.kill_group(signal.SIGKILL)
            if now - child.started_at >= STEADY_SECONDS:
                child.restarts, wait = 0, 0.0  # it did well: whatever ended it, it may go on at once
            else:
                wait = min(RESTART_SECONDS * 2 ** min(child.restarts, 4), LONGEST_RESTART_SECONDS)
            child.next_start = now + wait
            self.on_event(f"{child.name} ended; starting it again")
        if now >= child.next_start and not self._stopping.is_set():
            child.restarts += 1
            child.next_start = 0.0
            child.start()
            self._write_run_file()

    def _watch_server(self) -> None:
        server = self._server
        if (
            server is None
            or server.process is None
            or server.process.poll() is None
            or time.monotonic() < self._server_start_at
        ):
            return
        self.on_event("PostgreSQL ended; starting it again")
        self._server_start_at = time.monotonic() + RESTART_SECONDS
        try:
            server.spawn()
            server.wait(seconds=60)
            self._write_run_file()
        except (ServerDidNotStart, OSError) as error:
            self.on_event(f"PostgreSQL did not start: {str(error)[-200:]}")

    # -- hold ----

    @contextlib.contextmanager
    def hold(self, name: str, *, ending: int = signal.SIGKILL) -> Iterator[None]:
        """Keeps one process down as long as the block runs: an outage on purpose. Afterwards it is started again.

        :param name: as in :meth:`processes`; `postgresql` is the server.
        :param ending: the signal it is ended with; PostgreSQL takes SIGINT as a fast shutdown, SIGQUIT as an immediate one.
        :raises KeyError: no process of this name runs.
        """
        pid = self.processes()[name]
        self._held.add(name)
        try:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, ending)
            yield
        finally:
            self._held.discard(name)

    # -- stop ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stops web tiers and workers together, then PostgreSQL; safe to call twice."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join(10)
        for child in self.children:
            if not child.dead():
                assert child.process is not None
                child.process.terminate()
        end = time.monotonic() + 12
        for child in self.children:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, end - time.monotonic()))
                child.kill_group(signal.SIGKILL)
                child.process.wait(30)
        if self._server is not None:
            self._server.stop()
        (self.home / "run" / "processes.json").unlink(missing_ok=True)

    # -- the run file ----------------------------------------------------------------------------------

    def processes(self) -> dict[str, int]:
        """Name → pid of everything that runs now, PostgreSQL included."""
        pids = {
            child.name: child.process.pid
            for child in self.children
            if child.process is not None and not child.dead()
        }
        server = self._server.process if self._server is not None else None
        if server is not None and server.poll() is None:
            pids["postgresql"] = server.pid
        return pids

    def _write_run_file(self) -> None:
        path = self.home / "run" / "processes.json"
        fresh = path.with_suffix(".new")
        fresh.write_text(
            json.dumps(
                {"supervisor": os.getpid(), "ports": self.ports, "processes": self.processes()}, indent=2
            )
        )
        fresh.rename(path)

    def _end_leftovers(self) -> None:
        """Ends what a killed supervisor left behind; refuses to start beside a living one.

        :raises RuntimeError: another supervisor runs over the same home directory.
        """
        path = self.home / "run" / "processes.json"
        try:
            run = json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return
        if run["supervisor"] != os.getpid() and _is_ambar(run["supervisor"]):
            raise RuntimeError(
                f"Ambar already runs over {self.home} (process {run['supervisor']}); stop it first or set AMBAR_HOME"
            )
        left = [pid for name, pid in run["processes"].items() if name != "postgresql" and _is_ambar(pid)]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        end = time.monotonic() + 10
        while any(_is_ambar(pid) for pid in left) and time.monotonic() < end:
            time.sleep(0.05)


def _is_ambar(pid: int) -> bool:
    try:
        return b"ambar" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False

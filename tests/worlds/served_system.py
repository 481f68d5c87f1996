"""One system as a real process: its own database, migrated and filled, served by granian on a free port."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

from ambar.cli import systems
from tests.worlds.waiting import LONG_SECONDS

ROOT = Path(__file__).resolve().parents[2]


class ServedSystem:
    """Use as a context manager; `url` ends in a slash, as the public client wants it.

    :param fill: Python run inside the system (Django set up) before it serves; what it prints is `told`.
    """

    def __init__(self, system: systems.System, home: Path, *, fill: str) -> None:
        self.system, self.home, self.fill = system, home, fill
        self.port = systems.free_port()
        self.url = f"http://{systems.LOOPBACK}:{self.port}/"
        run = f"clients_{os.getpid()}"
        self.database = f"{run}_{system.module}"
        self.environment = {
            **os.environ,
            "AMBAR_TEST_RUN": run,
            "AMBAR_HOME": str(home),
            "AMBAR_SECRET_KEY": "a-secret-of-the-tests-that-is-long-enough-to-be-one",
            "DJANGO_SETTINGS_MODULE": f"ambar.{system.module}.settings",
        }
        self.log = home / f"{system.module}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.told = ""

    def __enter__(self) -> ServedSystem:
        self._sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)", f"CREATE DATABASE {self.database}")
        self._run("-m", f"ambar.{self.system.module}", "migrate", "-v0")
        self.told = self._run("-c", f"import django; django.setup()\n{self.fill}").strip()
        serve = f"from ambar.cli import systems; systems.serve(systems.{self.system.module.upper()}, port={self.port})"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", serve], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self._wait()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(LONG_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(LONG_SECONDS)
        self._sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=5 * LONG_SECONDS,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def _sql(self, *statements: str) -> None:
        with psycopg.connect(os.environ["AMBAR_TEST_SERVER"], autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _wait(self) -> None:
        until = time.monotonic() + LONG_SECONDS
        while time.monotonic() < until:
            assert self.process is not None and self.process.poll() is None, self.log.read_text()[-4000:]
            try:
                with urllib.request.urlopen(f"{self.url}healthz", timeout=20):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-4000:])

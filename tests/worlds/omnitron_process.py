"""Omnitron as a real process: its own database, migrated, served by granian on a free port."""

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

ROOT = Path(__file__).resolve().parents[2]
USERNAME, PASSWORD = "integration", "integration-of-the-tests"
PREPARE = f"""
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.omnitron.settings")
import django
django.setup()
from ambar.kit import accounts
accounts.ensure_user({USERNAME!r}, {PASSWORD!r}, roles=["integration"])
"""


class OmnitronProcess:
    """Use as a context manager; `url` ends in a slash, as the public client wants it."""

    def __init__(self, home: Path) -> None:
        self.port = systems.free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        run = f"clients_{os.getpid()}"
        self.database = f"{run}_omnitron"
        self.environment = {
            **os.environ,
            "AMBAR_TEST_RUN": run,
            "AMBAR_HOME": str(home),
            "AMBAR_SECRET_KEY": "a-secret-of-the-tests-that-is-long-enough-to-be-one",
        }
        self.log = home / "omnitron.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> OmnitronProcess:
        self._sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)", f"CREATE DATABASE {self.database}")
        self._run("-m", "ambar.omnitron", "migrate", "-v0")
        self._run("-c", PREPARE)
        serve = f"from ambar.cli import systems; systems.serve(systems.OMNITRON, port={self.port})"
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
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self._sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr[-4000:]

    def _sql(self, *statements: str) -> None:
        with psycopg.connect(os.environ["AMBAR_TEST_SERVER"], autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process is not None and self.process.poll() is None, self.log.read_text()[-4000:]
            try:
                with urllib.request.urlopen(f"{self.url}healthz", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-4000:])

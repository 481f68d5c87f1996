"""F14: a web tier that is told to stop finishes what it has begun, and takes nothing new: a rolling restart refuses nobody half-way."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ambar.cli import systems
from tests.worlds.waiting import LONG_SECONDS, until

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys, time, types
from ambar.cli import systems
from ambar.cli.serving import OneProcess

def application(environ, start):
    begun = open(sys.argv[2], "w")
    time.sleep(1.0)
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "8")])
    return [b"finished"]

module = types.ModuleType("ambar.slow.wsgi")
module.application = application
sys.modules["ambar.slow"] = types.ModuleType("ambar.slow")
sys.modules["ambar.slow.wsgi"] = module
slow = systems.System(name="slow", module="slow", default_port=0, title="Slow")
systems.serve(slow, port=int(sys.argv[1]), server=OneProcess)
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    port, begun = systems.free_port(), tmp_path / "begun"
    environment = {**os.environ, "AMBAR_ALLOW_LOSS": "1", "AMBAR_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port), str(begun)], cwd=ROOT, env=environment
    )
    try:
        yield process, port, begun
    finally:
        process.kill()
        process.wait(LONG_SECONDS)


def test_sigterm_lets_a_request_in_work_finish_and_no_other_begin(served) -> None:
    process, port, begun = served
    until(lambda: not systems.port_is_free(port))
    caller = http.client.HTTPConnection(systems.LOOPBACK, port, timeout=LONG_SECONDS)
    caller.request("GET", "/")
    until(begun.exists)
    process.send_signal(signal.SIGTERM)
    answer = caller.getresponse()
    assert (answer.status, answer.read()) == (200, b"finished")
    assert process.wait(LONG_SECONDS) == 0
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(systems.LOOPBACK, port, timeout=LONG_SECONDS).connect()

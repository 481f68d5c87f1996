"""The demo as a newcomer runs it, and what happens when its own process is killed in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ambar.cli.systems import free_port
from tests.faults.watching import LONG_SECONDS
from tests.worlds.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def environment():
    home = Path(tempfile.mkdtemp(prefix="ambar-demo-test-", dir="/var/tmp"))
    home.chmod(0o755)
    clean = {
        key: value for key, value in os.environ.items() if key not in ("AMBAR_TEST_SERVER", "AMBAR_TEST_RUN")
    }
    ports = {f"AMBAR_{name}_PORT": str(free_port()) for name in ("OMS", "SELLER_CENTER", "OMNITRON")}
    yield {**clean, **ports, "AMBAR_HOME": str(home)}
    shutil.rmtree(home, ignore_errors=True)


def demo(environment, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ambar.cli.main", "demo", "--json", *arguments]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def running(environment) -> dict[str, int]:
    run = Path(environment["AMBAR_HOME"]) / "run" / "processes.json"
    return json.loads(run.read_text())["processes"] if run.exists() else {}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_demo_goes_on_at_the_next_start_with_nothing_lost_and_leaves_nothing_running(environment):
    first = demo(environment, "--apart", "--orders", "500", "--rate", "5")
    until(lambda: len(running(environment)) == 7, seconds=LONG_SECONDS)
    left_behind = running(environment)
    home = Path(environment["AMBAR_HOME"])
    until(
        lambda: (home / "tokens.json").exists() and "seller_oms" in (home / "tokens.json").read_text(),
        seconds=LONG_SECONDS,
    )
    first.send_signal(signal.SIGKILL)
    first.wait(LONG_SECONDS)

    second = demo(environment, "--orders", "20", "--rate", "20", "--exit")
    output, _ = second.communicate(timeout=5 * LONG_SECONDS)
    report = json.loads(output)
    assert second.returncode == 0
    assert (report["lost"], report["twice"], report["disagreements"], report["holds"]) == (0, 0, 0, True)
    assert report["orders"] >= 20
    assert [name for name, pid in left_behind.items() if alive(pid)] == []
    assert running(environment) == {}


def test_ctrl_c_stops_everything_in_order(environment):
    served = demo(environment, "--orders", "1")
    until(lambda: len(running(environment)) == 4, seconds=LONG_SECONDS)
    pids = running(environment)
    assert sorted(pids) == ["omnitron", "oms", "postgresql", "seller-center"]
    served.send_signal(signal.SIGINT)
    served.wait(LONG_SECONDS)
    assert [name for name, pid in pids.items() if alive(pid)] == []
    assert running(environment) == {}
    log = (Path(environment["AMBAR_HOME"]) / "postgres" / "server.log").read_text()
    assert "database system is shut down" in log

"""One stage for all tests of this folder: three systems as real processes, which the tests treat badly one after the other."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from ambar.cli import systems
from ambar.cli.demo import command
from ambar.cli.demo.stage import Stage
from tests.faults.ground import WORLD_SEED
from tests.faults.watching import Notes


@pytest.fixture(scope="package")
def screen():
    return Notes()


@pytest.fixture(scope="package")
def ports():
    return {
        name: systems.free_port()
        for name in ("oms", "seller_center", "omnitron", "to_oms", "to_seller_center")
    }


@pytest.fixture(scope="package")
def stage(screen, ports):
    kept = {
        key: os.environ.pop(key, None)
        for key in ("AMBAR_TEST_SERVER", "AMBAR_TEST_RUN", "AMBAR_HOME", "AMBAR_ALLOWED_TARGETS")
    }
    os.environ["AMBAR_ALLOWED_TARGETS"] = f"127.0.0.1:{ports['to_seller_center']}"
    home = Path(tempfile.mkdtemp(prefix="ambar-traps-", dir="/var/tmp"))
    home.chmod(0o755)
    one = Stage(
        home=home,
        ports={system.module: ports[system.module] for system in systems.SYSTEMS},
        on_event=screen.note,
    )
    try:
        yield one
    finally:
        one.stop()
        for key, value in kept.items():
            os.environ.pop(key, None)
            if value is not None:
                os.environ[key] = value
        if not os.environ.get("AMBAR_KEEP_HOME"):
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="package")
def world(stage, screen):
    return command.set_up(stage, seed=WORLD_SEED, line=screen.line)

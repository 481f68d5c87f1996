"""What a process of each system has loaded when it is ready to serve: not what a rare request needs, or nobody."""

import os
import subprocess
import sys

import pytest

from ambar.cli import systems
from tests.worlds.waiting import LONG_SECONDS

UNWANTED = {
    "PIL": "pictures in documents: loaded by the first document",
    "reportlab": "PDF: loaded by the first document",
    "xlsxwriter": "spreadsheets: loaded by the first export",
    "numpy": "of the cost search: loaded by the first one",
    "ortools": "of the cost search: loaded by the first one",
    "django.contrib.admin": "there is none",
    "django.contrib.gis": "there is none",
    "django.test": "what ninja takes of it is put in its place",
    "unittest": "came with Django's test client",
    "xml.dom": "came with Django's test client",
    "rich": "of the command line",
    "typer": "of the command line",
    "greenlet": "nobody uses it",
    "psutil": "of the command line, and of the embedded server",
    "pytest": "of the tests",
}

READY = """
import os, sys
from ambar.cli import serving, systems
serving._without_the_rest()
system = next(one for one in systems.SYSTEMS if one.name == sys.argv[1])
os.environ["DJANGO_SETTINGS_MODULE"] = f"ambar.{system.module}.settings"
import django
django.setup()
import ambar.kit.work.worker
from ambar.kit.deployment import wsgi
wsgi(system.module)
sys.stdout.write(" ".join(name for name, module in sys.modules.items() if module is not None))
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.parametrize("system", systems.SYSTEMS, ids=lambda system: system.name)
def test_a_server_has_not_loaded_what_it_may_never_need(system: systems.System) -> None:
    nowhere = {one.environment_key: "postgresql://nobody@127.0.0.1:1/nowhere" for one in systems.SYSTEMS}
    answer = subprocess.run(
        [sys.executable, "-c", READY, system.name],
        env={**os.environ, **nowhere, "AMBAR_CONNECT_SECONDS": "1"}, capture_output=True, text=True, timeout=LONG_SECONDS,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    loaded = set(answer.stdout.split())
    assert f"ambar.{system.module}.urls" in loaded
    assert {name: why for name, why in UNWANTED.items() if name in loaded} == {}

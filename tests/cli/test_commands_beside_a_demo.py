"""Commands that ask a system's database themselves, run beside a demo: `ambar oms reconcile`, `statement`, `events` ..."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ambar.cli import systems
from ambar.cli.main import app

PORTS = {"omnitron": 18003, "seller_center": 18002, "oms": 18001, "carrier": 18004}
ALL_FOUR = "127.0.0.1:18003,127.0.0.1:18002,127.0.0.1:18001,127.0.0.1:18004"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "ports.json").write_text(json.dumps(PORTS))
    return tmp_path


def test_beside_a_demo_its_systems_may_be_called(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[tuple[list[str], str | None]] = []
    monkeypatch.setenv("AMBAR_HOME", str(home))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")
    for name in ("AMBAR_ALLOWED_TARGETS", "AMBAR_OMS_DATABASE_URL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(
        os, "execv", lambda path, line: became.append((line, os.environ.get("AMBAR_ALLOWED_TARGETS")))
    )
    assert CliRunner().invoke(app, ["oms", "reconcile", "--apply"]).exit_code == 0
    assert became == [([sys.executable, "-m", "ambar.oms", "reconcile", "--apply"], ALL_FOUR)]


@pytest.mark.parametrize(
    "given",
    [
        {"AMBAR_ALLOWED_TARGETS": "10.0.0.5:8002"},
        {"AMBAR_ALLOWED_TARGETS": ""},
        {"AMBAR_OMS_DATABASE_URL": "postgresql://elsewhere/oms"},
    ],
)
def test_what_an_installation_says_itself_goes_before_the_demo(home: Path, given: dict[str, str]) -> None:
    assert systems.targets_of_the_demo(systems.OMS, {"AMBAR_HOME": str(home), **given}) == {}


def test_without_a_demo_nothing_is_let_through(tmp_path: Path) -> None:
    assert systems.targets_of_the_demo(systems.OMS, {"AMBAR_HOME": str(tmp_path)}) == {}

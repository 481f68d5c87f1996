"""What a supervised process tells the allocators, and that they listen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ambar.cli import memory, systems
from ambar.cli.main import app
from ambar.cli.supervisor import Supervisor


def _told_by_granian(conf: str) -> str:
    """What granian's allocator says when it is loaded with these settings; it says nothing when it understands them."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import granian._granian"],
        env={**os.environ, "_RJEM_MALLOC_CONF": conf}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert loaded.returncode == 0
    return loaded.stderr


def test_granian_understands_its_settings_and_reads_them() -> None:
    assert _told_by_granian(memory.GRANIAN) == ""
    assert "ambar_reads_this" in _told_by_granian("ambar_reads_this:1")


def test_every_supervised_process_is_told(tmp_path: Path) -> None:
    stage = Supervisor(home=tmp_path, ports={"oms": 1, "seller_center": 2, "omnitron": 3})
    for system in systems.SYSTEMS:
        environment = stage.environment(system)
        assert environment["_RJEM_MALLOC_CONF"] == memory.GRANIAN
        assert environment["MALLOC_ARENA_MAX"] == "2"
        assert memory.KEPT_BY_THREADS in environment["GLIBC_TUNABLES"]


def test_tunables_set_for_something_else_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.rtld.nns=5")
    environment = Supervisor(home=tmp_path, ports={"oms": 1, "seller_center": 2, "omnitron": 3}).environment(
        systems.OMS
    )
    assert environment["GLIBC_TUNABLES"] == f"glibc.rtld.nns=5:{memory.KEPT_BY_THREADS}"


@pytest.mark.parametrize("seen_to", [None, "narenas:4"])
def test_a_server_started_by_hand_begins_anew_once_unless_somebody_has_seen_to_it(
    monkeypatch: pytest.MonkeyPatch, seen_to: str | None
) -> None:
    anew: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *call: anew.append(call))
    monkeypatch.setattr(systems, "serve", lambda system, **_: served.append(system.name))
    monkeypatch.delenv("_RJEM_MALLOC_CONF", raising=False)
    served: list[str] = []
    if seen_to is not None:
        monkeypatch.setenv("_RJEM_MALLOC_CONF", seen_to)
    assert CliRunner().invoke(app, ["oms", "serve"]).exit_code == 0
    assert served == ["oms"]
    if seen_to is not None:
        assert anew == []
        return
    ((program, words, environment),) = anew
    assert (program, words) == (sys.executable, sys.orig_argv)
    assert environment["_RJEM_MALLOC_CONF"] == memory.GRANIAN and environment["PATH"] == os.environ["PATH"]

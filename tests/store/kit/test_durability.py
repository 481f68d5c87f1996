"""Nobody serves or works over a database that may forget what it committed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from ambar.kit import durability
from ambar.kit.config import Config
from ambar.kit.work.management.commands import work
from ambar.kit.work.worker import database_settings

pytestmark = pytest.mark.django_db


def own_url(**more: str) -> str:
    names = ("host", "port", "user", "password", "dbname")
    given = {name: value for name, value in database_settings().items() if name in names and value}
    return psycopg.conninfo.make_conninfo(**{**given, **more})  # type: ignore[arg-type]


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The URL a process would use; tests change it."""
    given = {"url": own_url()}
    monkeypatch.setattr(Config, "database_url", lambda self, system: given["url"])
    yield given


@pytest.fixture
def a_weak_role() -> Iterator[str]:
    with psycopg.connect(own_url(), autocommit=True) as session:
        session.execute("create role weak login superuser")
        session.execute("alter role weak set synchronous_commit = off")
        yield "weak"
        session.execute("drop role weak")


def test_a_durable_database_is_served(over, capsys) -> None:
    durability.insist("kit")
    assert capsys.readouterr().err == ""


def test_a_role_that_does_not_wait_for_the_disk_is_refused_with_a_reason_and_a_code(
    over, a_weak_role, capsys
) -> None:
    over["url"] = own_url(user=a_weak_role)
    with pytest.raises(SystemExit) as ended:
        durability.insist("kit")
    assert ended.value.code == durability.EXIT_CODE == 78
    said = capsys.readouterr().err
    assert "synchronous_commit is off (set for the role)" in said and "AMBAR_ALLOW_LOSS=1" in said


def test_a_worker_does_not_even_begin(over, a_weak_role, monkeypatch) -> None:
    over["url"] = own_url(user=a_weak_role)
    monkeypatch.setattr(work, "Worker", None)
    with pytest.raises(SystemExit):
        work.Command().handle(only=[], no_jobs=False)


def test_a_url_and_a_database_count_too(over, capsys) -> None:
    over["url"] = own_url(options="-c synchronous_commit=off")
    with pytest.raises(SystemExit):
        durability.insist("kit")
    assert "set for the URL" in capsys.readouterr().err
    over["url"] = own_url()
    name = connection.settings_dict["NAME"]
    with psycopg.connect(own_url(), autocommit=True) as session:
        session.execute(f'alter database "{name}" set synchronous_commit = off')
        try:
            with pytest.raises(SystemExit):
                durability.insist("kit")
            assert "set for the database" in capsys.readouterr().err
        finally:
            session.execute(f'alter database "{name}" reset synchronous_commit')


@pytest.mark.parametrize("how", ["local", "remote_write", "remote_apply"])
def test_every_way_to_wait_for_the_own_disk_is_good(over, how) -> None:
    with psycopg.connect(own_url(options=f"-c synchronous_commit={how}")) as session:
        assert durability.weak(session) == {}


def test_it_can_be_allowed(over, a_weak_role, monkeypatch) -> None:
    over["url"] = own_url(user=a_weak_role)
    monkeypatch.setenv("AMBAR_ALLOW_LOSS", "1")
    durability.insist("kit")


def test_a_database_that_is_away_is_asked_when_it_is_back(over, monkeypatch) -> None:
    over["url"] = "postgresql://nobody@127.0.0.1:1/none"
    later: list[str] = []
    monkeypatch.setattr(durability, "_ask_later", later.append)
    durability.insist("kit")
    assert later == ["kit"]


def test_who_started_while_it_was_away_stops_when_it_turns_out_weak(over, monkeypatch, capsys) -> None:
    answers = iter([psycopg.OperationalError("away"), {"fsync": "server"}])

    def ask(url: str) -> dict[str, str]:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    told: list[tuple[int, int]] = []
    monkeypatch.setattr(durability, "_ask", ask)
    monkeypatch.setattr(durability, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(durability.os, "kill", lambda *given: told.append(given))
    durability._ask_later("kit")
    assert told == [(durability.os.getpid(), durability.signal.SIGTERM)]
    assert "fsync is off (set for the server)" in capsys.readouterr().err

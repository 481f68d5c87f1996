"""A migration gives way to those who work, is tried again, and leaves the connection as it was."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection, transaction

from ambar.kit.outbox.models import Hook
from ambar.kit.work.management.commands import migrate

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = Hook._meta.db_table


class Told:
    """Standard error that does something as soon as it is told a first line."""

    def __init__(self, act) -> None:
        self.act, self.lines = act, []

    def write(self, text: str) -> None:
        self.lines.append(text)
        self.act()

    def flush(self) -> None:
        pass


@pytest.fixture
def working():
    """Somebody who has read the table in a transaction that is still open; call it to let go."""
    begun, done = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            list(Hook.objects.all())
            begun.set()
            done.wait(30)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)

    def let_go() -> None:
        done.set()
        thread.join(10)

    yield let_go
    let_go()


def altering(monkeypatch, *, atomic: bool = True) -> list[str]:
    """Django's `migrate` as one migration that locks the table; what `lock_timeout` was each time."""
    waits: list[str] = []

    def handle(self: Migrate, *args: object, **options: object) -> None:
        self.verbosity = 0
        self.migration_progress_callback("apply_start", SimpleNamespace(atomic=atomic))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            waits.append(cursor.fetchone()[0])
            cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")

    monkeypatch.setattr(Migrate, "handle", handle)
    return waits


def lock_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]


def test_a_lock_that_is_not_had_at_once_is_given_up_and_asked_for_again(monkeypatch, working):
    waits = altering(monkeypatch)
    told = Told(working)
    call_command("migrate", stderr=told)
    assert waits == ["300ms", "300ms"]
    assert "waits for a lock; once more (1)" in told.lines[0]
    assert lock_timeout() == "0"


def test_who_never_gets_it_says_so_and_what_to_look_at(monkeypatch, working):
    altering(monkeypatch)
    monkeypatch.setattr(migrate, "TRIES", 2)
    with pytest.raises(
        CommandError, match=r"did not get its locks in 2 tries: .*lock timeout.*pg_stat_activity"
    ):
        call_command("migrate", stderr=Told(lambda: None))
    assert lock_timeout() == "0"


def test_one_that_is_not_atomic_waits_as_long_as_it_takes(monkeypatch):
    waits = altering(monkeypatch, atomic=False)
    call_command("migrate")
    assert waits == ["0"]


def test_it_is_django_s_migrate_that_is_replaced():
    from django.core.management import get_commands

    assert get_commands()["migrate"] == "ambar.kit.work"

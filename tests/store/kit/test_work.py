"""The worker against a real database: wake-ups, jobs, lost connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from ambar.kit import work
from ambar.kit.work import registry, signals, stalled
from ambar.kit.work.models import Heartbeat
from ambar.kit.work.worker import Worker, database_settings
from tests.worlds.waiting import LONG_SECONDS, until

pytestmark = pytest.mark.django_db(transaction=True)

ran: list[str] = []


@work.job("test.note")
def note(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    ran.append(word)


ticks: list[float] = []


@work.job("test.tick", every=1)
def tick() -> None:
    ticks.append(time.monotonic())


def cut_all_connections() -> None:
    """What a restart of the server does to everybody else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


class Queue:
    """Due rows in memory, drained through the database."""

    def __init__(self) -> None:
        self.due: list[int] = []
        self.done: list[int] = []
        self.rounds = 0
        self.fail_with: list[BaseException] = []

    def drain(self) -> int:
        try:
            return self._drain()
        finally:
            self.rounds += 1

    def _drain(self) -> int:
        if self.fail_with:
            raise self.fail_with.pop()
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        if not self.due:
            return 0
        self.done.append(self.due.pop(0))
        return 1


@pytest.fixture
def queue() -> Iterator[Queue]:
    made = Queue()
    work.loop("test.queue", made.drain, idle_seconds=60)
    yield made
    del registry._loops["test.queue"]


@pytest.fixture
def worker(queue: Queue) -> Iterator[Worker]:
    ran.clear()
    made = Worker(only=frozenset({"test.queue"}))
    made.start()
    until(lambda: made.listening.is_set() and queue.rounds >= 1)
    yield made
    assert made.finish(seconds=LONG_SECONDS) == []
    connections.close_all()


def test_a_loop_of_this_process_is_told_directly_when_the_transaction_commits_and_nobody_is_notified() -> (
    None
):
    told: list[str] = []
    with psycopg.connect(**database_settings(), autocommit=True) as listener:
        listener.execute(f"listen {work.CHANNEL}")
        with signals.told_here("test.queue", lambda: told.append("here")):
            with transaction.atomic():
                work.wake("test.queue")
                assert told == []
            assert told == ["here"]
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                work.wake("test.queue")
                raise ZeroDivisionError
        assert told == ["here"]
        assert list(listener.notifies(timeout=0.1)) == []
        work.wake("test.queue")
        assert [notice.payload for notice in listener.notifies(timeout=LONG_SECONDS, stop_after=1)] == [
            "test.queue"
        ]


def test_a_wake_up_is_heard_when_the_transaction_commits_and_not_before() -> None:
    with psycopg.connect(**database_settings(), autocommit=True) as listener:
        listener.execute(f"listen {work.CHANNEL}")
        with transaction.atomic():
            work.wake("test.queue")
            assert list(listener.notifies(timeout=0.2)) == []
        heard = [notice.payload for notice in listener.notifies(timeout=LONG_SECONDS, stop_after=1)]
        assert heard == ["test.queue"]


def test_a_rolled_back_wake_up_is_never_heard() -> None:
    with psycopg.connect(**database_settings(), autocommit=True) as listener:
        listener.execute(f"listen {work.CHANNEL}")
        with pytest.raises(RuntimeError), transaction.atomic():
            work.wake("test.queue")
            raise RuntimeError
        work.wake("another")
        heard = [notice.payload for notice in listener.notifies(timeout=LONG_SECONDS, stop_after=1)]
        assert heard == ["another"]


def test_a_wake_up_drains_everything_that_is_due(queue: Queue, worker: Worker) -> None:
    with transaction.atomic():
        queue.due.extend([1, 2, 3])
        work.wake("test.queue")
    until(lambda: queue.done == [1, 2, 3])


@pytest.mark.parametrize("error", [OperationalError("gone"), ValueError("bug")])
def test_a_failing_round_is_repeated(queue: Queue, worker: Worker, error: Exception) -> None:
    queue.fail_with.append(error)
    queue.due.append(7)
    work.wake("test.queue")
    until(lambda: queue.done == [7])
    assert worker.pulses["test.queue"].errors == 1


def test_jobs_run_after_commit_only(queue: Queue, worker: Worker) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        work.defer("test.note", word="lost")
        raise RuntimeError
    with transaction.atomic():
        work.defer("test.note", word="kept")
    until(lambda: ran == ["kept"])


def test_an_unknown_job_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        work.defer("test.nothing")


def test_everything_goes_on_after_all_connections_were_cut(queue: Queue, worker: Worker) -> None:
    """Trap 21: every thread of a worker goes on after its connection was cut."""
    work.defer("test.note", word="before")
    until(lambda: ran == ["before"])
    for number in (1, 2):
        worker.listening.clear()
        cut_all_connections()
        until(worker.listening.is_set)
        queue.due.append(number)
        work.wake("test.queue")
        until(lambda number=number: number in queue.done)
        work.defer("test.note", word=f"after {number}")
        until(lambda number=number: f"after {number}" in ran)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is taken for dead after a moment."""
    monkeypatch.setattr(stalled, "SIGN_SECONDS", 0.1)
    monkeypatch.setattr(stalled, "STALLED_SECONDS", 1.0)
    monkeypatch.setattr(stalled, "LOOK_SECONDS", 0.1)


def left_doing(**columns: Any) -> int:
    """A job whose worker died with it; gives its id."""
    given = {
        "queue_name": "default",
        "task_name": "test.note",
        "args": '{"word": "again"}',
        "status": "doing",
    }
    row = {**given, **columns}
    names = ", ".join(row)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into procrastinate_jobs ({names}) values ({', '.join(['%s'] * len(row))}) returning id",
            list(row.values()),
        )
        return int(cursor.fetchone()[0])


def status(job: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("select status::text from procrastinate_jobs where id = %s", [job])
        found = cursor.fetchone()
        return found[0] if found else None


@pytest.mark.usefixtures("quickly")
def test_a_job_whose_worker_was_killed_is_run_again(queue: Queue, worker: Worker) -> None:
    """Trap 23: it does not stay "doing" for ever."""
    job = left_doing()
    until(lambda: "again" in ran)
    until(lambda: status(job) is None)


@pytest.mark.usefixtures("quickly")
def test_a_job_that_kills_its_worker_time_and_again_is_given_up(queue: Queue, worker: Worker) -> None:
    job = left_doing(attempts=stalled.MOST_ATTEMPTS)
    until(lambda: status(job) == "failed")
    assert ran == []


@pytest.mark.usefixtures("quickly")
def test_a_periodic_job_that_was_killed_does_not_keep_its_lock(queue: Queue, worker: Worker) -> None:
    """Trap 23: the next ones wait for the lock of the one that will never end."""
    job = left_doing(
        task_name="test.tick", args='{"timestamp": 1}', lock="test.tick", queueing_lock="test.tick"
    )
    before = len(ticks)
    until(lambda: status(job) == "failed" and len(ticks) > before)


@pytest.mark.usefixtures("quickly")
def test_periodic_jobs_go_on_after_all_connections_were_cut(queue: Queue, worker: Worker) -> None:
    """Trap 21: what defers them has a connection of its own, which nobody else would replace."""
    for _ in range(2):
        before = len(ticks)
        until(lambda before=before: len(ticks) > before)
        cut_all_connections()
    before = len(ticks)
    until(lambda: len(ticks) > before + 1)


def test_the_heartbeat_is_written_and_removed(queue: Queue) -> None:
    made = Worker(only=frozenset({"test.queue"}), with_jobs=False)
    made.start()
    until(lambda: Heartbeat.objects.filter(loop="test.queue").exists())
    assert b'ambar_loop_errors{loop="test.queue"} 0.0' in Client().get("/metrics").content
    assert made.finish(seconds=LONG_SECONDS) == []
    assert Heartbeat.objects.count() == 0


def test_jobs_asked_to_finish_before_they_could_be_told_do_not_begin(queue: Queue) -> None:
    """Decision 108: a round that begins is told to end; one that was asked before there was anything to tell looks itself."""
    made = Worker(only=frozenset({"test.queue"}))
    made.stop.set()
    thread = threading.Thread(target=made._jobs, daemon=True)
    thread.start()
    thread.join(LONG_SECONDS)
    assert not thread.is_alive()


def test_an_own_thread_is_started_again_when_it_falls() -> None:
    starts: list[int] = []

    def target(stop: threading.Event) -> None:
        starts.append(1)
        if len(starts) < 3:
            raise ValueError("falls")
        stop.wait()

    work.thread("test.thread", target)
    made = Worker(only=frozenset({"test.thread"}), with_jobs=False)
    try:
        made.start()
        until(lambda: len(starts) == 3)
        assert made.finish(seconds=LONG_SECONDS) == []
    finally:
        del registry._threads["test.thread"]


def test_drain_all_runs_until_every_loop_is_idle(queue: Queue) -> None:
    queue.due.extend([1, 2])
    assert work.drain_all()["test.queue"] == 2


@pytest.mark.parametrize(
    ("every", "line"),
    [
        (10, "* * * * * */10"), (60, "*/1 * * * *"), (300, "*/5 * * * *"), (3600, "0 */1 * * *"),
        (86400, "20 3 * * *"),
    ],
)  # fmt: skip
def test_periods_become_cron_lines(every: int, line: str) -> None:
    from ambar.kit.work.schedule import cron

    assert cron(every) == line


def test_a_period_that_divides_nothing_is_refused() -> None:
    from ambar.kit.work.schedule import cron

    with pytest.raises(ValueError, match="7 seconds"):
        cron(7)

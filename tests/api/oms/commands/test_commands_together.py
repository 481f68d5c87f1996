"""Single commands that come at the same time share a transaction, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import Any

import pytest
from django.db import connection, transaction

from ambar.kit.rest.models import StoredAnswer
from ambar.oms.commands import together
from ambar.oms.packages.models import Package
from ambar.oms.stock.models import LedgerEntry
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import World, build, events_of, package
from tests.worlds.waiting import LONG_SECONDS, until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)
PACK = {"slug": "complete-packaging-from-waiting"}


class Crowd:
    """Callers that come while the first one's command waits for its order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads = ThreadPoolExecutor(8)
        self.waiting = Semaphore(0)
        inner = together._gathering._before_waiting

        def before_waiting() -> None:
            inner()
            self.waiting.release()

        monkeypatch.setattr(together._gathering, "_before_waiting", before_waiting)

    def send(self, planner: Caller, package_id: int, body: dict[str, Any], **headers: str) -> Future[Any]:
        def send() -> Any:
            try:
                return planner.post(f"/packages/{package_id}/command/", body, **headers)
            finally:
                connection.close()

        return self.threads.submit(send)

    def answers(self, first: Callable[[], Future[Any]], *others: Callable[[], Future[Any]]) -> list[Any]:
        """`first` is under way and the others wait when it goes on."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM oms_orders_order ORDER BY id FOR UPDATE")
            sent = [first()]
            until_somebody_waits_for_a_lock()
            for other in others:
                sent.append(other())
                assert self.waiting.acquire(timeout=LONG_SECONDS)
        return [one.result(LONG_SECONDS) for one in sent]


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    made = Crowd(monkeypatch)
    yield made
    made.threads.shutdown()


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def planner() -> Caller:
    return caller("planner")


def test_commands_that_come_meanwhile_are_one_transaction_and_each_is_done(crowd, world, planner):
    made = [package(world) for _ in range(4)]
    answers = crowd.answers(
        *[lambda one=one: crowd.send(planner, one.id, PACK, Idempotency_Key=f"k{one.id}") for one in made]
    )
    assert [answer.status_code for answer in answers] == [204] * 4
    assert set(Package.objects.values_list("state", flat=True)) == {500}
    causes = LedgerEntry.objects.filter(kind="consume").values_list("cause", flat=True)
    assert len(causes) == 8 and len(set(causes)) == 2
    for one in made:
        assert [event[0] for event in events_of(one.id)] == [
            "package.created",
            "package.status.packed",
            "package.status.transitioned",
        ]
    assert sorted(StoredAnswer.objects.values_list("key", "status")) == sorted(
        (f"k{m.id}", 204) for m in made
    )


def test_what_is_refused_leaves_the_others_alone_and_its_key_free(crowd, world, planner):
    first, packed, good = (package(world) for _ in range(3))
    assert planner.post(f"/packages/{packed.id}/command/", PACK).status_code == 204
    answers = crowd.answers(
        lambda: crowd.send(planner, first.id, PACK),
        lambda: crowd.send(planner, packed.id, PACK, Idempotency_Key="refused"),
        lambda: crowd.send(planner, good.id, PACK, Idempotency_Key="good"),
        lambda: crowd.send(planner, 10**9, PACK, Idempotency_Key="missing"),
    )
    assert [answer.status_code for answer in answers] == [204, 400, 204, 404]
    assert "Packed (500) now" in answers[1].json()["transition"][0]
    assert list(StoredAnswer.objects.values_list("key", flat=True)) == ["good"]


def test_a_repeated_key_gets_its_answer_again_beside_new_ones(crowd, world, planner):
    first, done, good = (package(world) for _ in range(3))
    assert planner.post(f"/packages/{done.id}/command/", PACK, Idempotency_Key="done").status_code == 204
    before = len(events_of(done.id))
    answers = crowd.answers(
        lambda: crowd.send(planner, first.id, PACK),
        lambda: crowd.send(planner, done.id, PACK, Idempotency_Key="done"),
        lambda: crowd.send(planner, good.id, PACK, Idempotency_Key="good"),
    )
    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert len(events_of(done.id)) == before
    changed = planner.post(
        f"/packages/{done.id}/command/", {**PACK, "package": done.id}, Idempotency_Key="done"
    )
    assert changed.status_code == 422


def test_two_commands_on_one_package_are_never_together(crowd, world, planner):
    first, twice = package(world), package(world)
    answers = crowd.answers(
        lambda: crowd.send(planner, first.id, PACK),
        lambda: crowd.send(planner, twice.id, PACK),
        lambda: crowd.send(planner, twice.id, PACK),
    )
    assert [answer.status_code for answer in answers] == [204, 204, 400]
    assert "Packed (500) now" in answers[2].json()["transition"][0]


def test_what_one_of_them_breaks_does_not_fail_the_others(crowd, world, planner, monkeypatch):
    first, broken, good = (package(world) for _ in range(3))
    inner = together._run

    def run(asked: Any, calls: Any, now: Any) -> Any:
        done = inner(asked, calls, now)
        if broken.id in {call.record_id for call in calls}:
            raise ValueError("a fault of ours")
        return done

    monkeypatch.setattr(together, "_run", run)
    answers = crowd.answers(
        lambda: crowd.send(planner, first.id, PACK),
        lambda: crowd.send(planner, broken.id, PACK, Idempotency_Key="broken"),
        lambda: crowd.send(planner, good.id, PACK, Idempotency_Key="good"),
    )
    assert [answer.status_code for answer in answers] == [204, 500, 204]
    assert Package.objects.get(pk=broken.id).state == 100
    assert list(StoredAnswer.objects.values_list("key", flat=True)) == ["good"]


def test_an_audit_of_a_foreign_package_stays_though_the_command_was_refused(world, planner):
    from ambar.kit.accounts.models import AuditEntry

    made = package(world)
    elsewhere = next(i for i in world.locations.values() if i != Package.objects.get(pk=made.id).location_id)
    bound = caller("location_operator", location_ids=[elsewhere])
    assert bound.post(f"/packages/{made.id}/command/", PACK, Idempotency_Key="mine").status_code == 404
    assert AuditEntry.objects.filter(action="package.command.foreign", object_id=made.id).exists()

"""The inbox: repeats, reordering, poison, and one effect per event."""

import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from django.db import DatabaseError, DataError, OperationalError, connection
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ambar.kit.outbox import inbox, purge
from ambar.kit.outbox.domain import signatures
from ambar.kit.outbox.inbox import reading
from ambar.kit.refusals import Invalid
from ambar.kit.work import registry
from ambar.kit.work.worker import database_settings
from tests.outbox_project import receiving
from tests.worlds.pauses import rounds
from tests.worlds.waiting import LONG_SECONDS, until

gathered = import_module("ambar.kit.outbox.inbox.store")
drained = import_module("ambar.kit.outbox.inbox.drain")
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
STATES = ["preparing", "packed", "shipped", "delivered"]
TYPES = ["parcel.*"]


@pytest.fixture(autouse=True)
def tables(db: None) -> None:
    receiving.make_tables()


def envelope(sequence: int, *, parcel: int = 1, number: int | None = None, **extra: object) -> inbox.Envelope:
    state = STATES[(sequence - 1) % len(STATES)]
    body = {
        "event": {"type": f"parcel.{state}", "uuid": ""},
        "payload": {"id": parcel, "state": state, **extra},
    }
    return inbox.Envelope(
        uuid=UUID(int=number or parcel * 1000 + sequence),
        type=f"parcel.{state}",
        aggregate=f"parcel:{parcel}",
        sequence=sequence,
        payload=body["payload"],
        raw=orjson.dumps(body),
    )


@pytest.mark.django_db(transaction=True)
def test_events_that_come_while_one_is_kept_are_kept_together_each_with_its_own_answer(monkeypatch) -> None:
    """A repeat among them is known, and one that can't be stored leaves the others alone."""
    real, sets, begun, go_on = gathered._keep, [], threading.Event(), threading.Event()

    def held_back(beside: str, calls: Sequence[Any]) -> list[Any]:
        sets.append(len(calls))
        begun.set()
        assert go_on.wait(LONG_SECONDS)
        return real(beside, calls)

    monkeypatch.setattr(gathered, "_keep", held_back)
    broken = replace(envelope(4), aggregate="x" * 300)
    asked = [envelope(1), envelope(2), envelope(3), broken, envelope(2)]
    answers: dict[int, Any] = {}

    def ask(place: int) -> None:
        try:
            answers[place] = inbox.store_one("a", asked[place], now=NOW)
        except DatabaseError as error:
            answers[place] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(asked))]
    threads[0].start()
    assert begun.wait(LONG_SECONDS)
    for thread in threads[1:]:
        thread.start()
    until(lambda: len(gathered._gathering._waiting[gathered.NOTHING_BESIDE]) == len(asked) - 1)
    go_on.set()
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert sets == [1, 3, 1, 1, 1, 1]
    assert sorted([answers.pop(1), answers.pop(4)]) == [(False, (None,)), (True, (None,))]
    assert answers == {0: (True, (None,)), 2: (True, (None,)), 3: DataError}
    assert rows("select sequence from outbox_inbox order by 1") == [(1,), (2,), (3,)]
    assert inbox.store_one("a", envelope(2), now=NOW) == (False, (None,))


def drain(apply: object = receiving.apply, **more: object) -> int:
    total = 0
    while done := inbox.drain(apply, types=TYPES, now=NOW, **more):
        total += done
    return total


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def parcels() -> list[tuple]:
    return rows("select id, state, sequence from parcel order by id")


def test_a_repeat_is_not_new_and_a_same_uuid_of_another_source_is() -> None:
    one = envelope(1)
    assert inbox.store("a", [one, one], now=NOW) == {one.uuid}
    assert inbox.store("a", one, now=NOW) == set()
    assert inbox.store("b", one, now=NOW) == {one.uuid}
    assert rows("select source, count(*) from outbox_inbox group by source order by 1") == [
        ("a", 1),
        ("b", 1),
    ]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_three_times_in_any_order_ends_as_once_in_order(data: st.DataObject) -> None:
    """Trap 10: events of two records, each three times, in any order and cut anywhere."""
    with connection.cursor() as cursor:
        cursor.execute("truncate outbox_inbox, outbox_inbox_position, parcel, parcel_effect")
    wanted = [envelope(sequence, parcel=parcel) for parcel in (1, 2) for sequence in (1, 2, 3, 4)]
    arrivals = data.draw(st.permutations(wanted * 3))
    for cut in range(0, len(arrivals), 5):
        inbox.store("a", arrivals[cut : cut + 5], now=NOW)
        drain()
    assert parcels() == [(1, "delivered", 4), (2, "delivered", 4)]
    assert rows("select count(*), count(distinct uuid) from parcel_effect") == [(8, 8)]


def test_shipped_after_delivered_is_marked_late_and_changes_nothing() -> None:
    """Trap 11: an older event five hours later is marked late."""
    inbox.store("a", envelope(4), now=NOW)
    drain()
    inbox.store("a", envelope(3), now=NOW + timedelta(hours=5))
    drain_later = inbox.drain(receiving.apply, types=TYPES, now=NOW + timedelta(hours=5))
    assert drain_later == 1
    assert parcels() == [(1, "delivered", 4)]
    assert rows("select sequence, late from outbox_inbox order by id") == [(4, False), (3, True)]


def test_a_backlog_is_applied_in_sequence_whatever_order_it_came_in() -> None:
    mixed = [envelope(sequence, parcel=parcel) for parcel in range(1, 30) for sequence in (1, 2, 3, 4)]
    random.Random(7).shuffle(mixed)
    inbox.store("a", mixed, now=NOW)
    assert drain() == 116
    assert rows("select count(*) from parcel_effect where late") == [(0,)]
    assert rows(
        "select count(*) from (select sequence - lag(sequence) over (partition by parcel order by n) step"
        " from parcel_effect) s where step <> 1"
    ) == [(0,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.django_db(transaction=True)
def test_after_a_set_was_applied_what_comes_in_the_next_moment_is_applied_as_one(monkeypatch) -> None:
    """Decision 69: some thirty sets a second at most, so that a set is a set."""
    sets: list[int] = []
    monkeypatch.setattr(registry, "_loops", {})
    monkeypatch.setattr(drained, "_loops", {})
    inbox.loop("gathered parcels", TYPES, lambda rows: sets.append(len(rows)))
    inbox.store("a", [envelope(1)], now=NOW)
    loop = registry.loops()["gathered parcels"]
    pauses = rounds(loop, lambda: [inbox.store_one("a", envelope(n), now=NOW) for n in (2, 3, 4)])
    assert (pauses, sets) == ([drained.GATHERED_SECONDS, drained.GATHERED_SECONDS], [1, 3])
    assert drained.GATHERED_SECONDS >= 1 / 50


def test_events_of_one_record_are_in_one_worker_at_a_time() -> None:
    """Another worker has the record's lane; this one passes it by, takes the others, and comes back."""
    inbox.store("a", [envelope(1, parcel=1), envelope(1, parcel=2)], now=NOW)
    lane = "select pg_advisory_xact_lock(hashtextextended('a' || chr(31) || 'parcel:1', 7))"
    with psycopg.connect(**database_settings()) as another:
        another.execute(lane)
        assert drain() == 1
        assert parcels() == [(2, "preparing", 1)]
    assert drain() == 1
    assert parcels() == [(1, "preparing", 1), (2, "preparing", 1)]


def test_a_poisoned_row_is_set_aside_with_its_reason_and_the_others_are_applied() -> None:
    inbox.store(
        "a", [envelope(1, parcel=p, **({"poison": True} if p == 3 else {})) for p in range(1, 6)], now=NOW
    )
    assert drain() == 5
    assert [row[0] for row in parcels()] == [1, 2, 4, 5]
    assert rows("select state, reason, aggregate from outbox_inbox where state <> 1") == [
        (2, "ValueError: poisoned", "parcel:3")
    ]
    assert rows("select count(*) from parcel_effect") == [(4,)]


def test_later_is_tried_again_and_given_up_in_the_end() -> None:
    def not_yet(_: object) -> None:
        raise inbox.Later("the order is not here yet")

    inbox.store("a", envelope(1), now=NOW)
    assert drain(not_yet) == 1
    assert rows("select state, attempts, due_at from outbox_inbox") == [(0, 1, NOW + timedelta(seconds=2))]
    assert inbox.drain(receiving.apply, types=TYPES, now=NOW + timedelta(seconds=2)) == 1
    assert parcels() == [(1, "preparing", 1)]
    inbox.store("a", envelope(2), now=NOW)
    moment = NOW
    for _ in range(20):
        inbox.drain(not_yet, types=TYPES, now=moment)
        moment += timedelta(hours=1)
    assert rows("select state, attempts, reason from outbox_inbox where sequence = 2") == [
        (2, 20, "Later: the order is not here yet")
    ]


def test_a_lost_database_sets_nothing_aside() -> None:
    def lose(_: object) -> None:
        raise OperationalError("server closed the connection")

    inbox.store("a", envelope(1), now=NOW)
    with pytest.raises(OperationalError):
        drain(lose)
    assert rows("select state, attempts from outbox_inbox") == [(0, 0)]


def test_only_the_wanted_types_are_taken() -> None:
    inbox.store("a", envelope(1), now=NOW)
    assert inbox.drain(receiving.apply, types=["parcelXpreparing", "other.*"], now=NOW) == 0
    assert inbox.drain(receiving.apply, types=["parcel.preparing"], now=NOW) == 1


def test_old_applied_rows_are_purged_and_a_repeat_stays_late() -> None:
    inbox.store("a", [envelope(1), envelope(2)], now=NOW)
    drain()
    assert purge.purge(now=NOW + timedelta(days=90), keep_days=84)["inbox"] == 2
    inbox.store("a", envelope(1), now=NOW)
    drain()
    assert parcels() == [(1, "packed", 2)]


def request(body: bytes, **headers: str) -> object:
    return RequestFactory().post("/in/", body, content_type="application/json", headers=headers)


BODY = b'{"event":{"type":"parcel.packed","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{"id":5}}'


def test_verification_holds_with_both_signatures_and_refuses_a_changed_body() -> None:
    stamp = int(NOW.timestamp())
    headers = {
        "X-Whisperer-Signature": signatures.whisperer("s", BODY),
        "webhook-id": "m",
        "webhook-timestamp": str(stamp),
        "webhook-signature": signatures.standard([b"s"], message_id="m", timestamp=stamp, body=BODY),
        "X-Ambar-Sequence": "3",
        "X-Ambar-Aggregate": "parcel:5",
    }
    read = inbox.verify(request(BODY, **headers), secrets=["s"], now=NOW)
    assert (read.type, read.sequence, read.aggregate, read.payload) == (
        "parcel.packed",
        3,
        "parcel:5",
        {"id": 5},
    )
    for changed in (
        {**headers, "X-Whisperer-Signature": "sha256=00"},
        {**headers, "webhook-signature": "v1,AAAA"},
        {**headers, "webhook-timestamp": str(stamp - 301)},
    ):
        with pytest.raises(inbox.SignatureRefused):
            inbox.verify(request(BODY, **changed), secrets=["s"], now=NOW)
    with pytest.raises(inbox.SignatureRefused):
        inbox.verify(request(BODY + b" ", **headers), secrets=["s"], now=NOW)


def test_an_unsigned_event_is_taken_when_the_token_alone_decides_and_a_bad_one_is_named() -> None:
    assert inbox.verify(request(BODY), secrets=["s"], now=NOW).payload == {"id": 5}
    with pytest.raises(Invalid) as refused:
        inbox.verify(request(b'{"event":{"type":"a"},"payload":{}}'), now=NOW)
    assert set(refused.value.fields) == {"event"}


def test_a_body_over_ten_megabytes_is_refused() -> None:
    with pytest.raises(inbox.TooLarge):
        inbox.verify(request(b" " * (10 * 1024 * 1024 + 1)), now=NOW)


def test_what_a_receiver_read_is_taken_over_once_and_of_exactly_the_body_that_is_stored() -> None:
    def row(body: str) -> inbox.InboxRow:
        return inbox.InboxRow(
            id=1, source="s", uuid=UUID(int=1), type="parcel.moved", aggregate="parcel:1", sequence=1, body=body, received_at=NOW,
            late=False, attempts=0,
        )  # fmt: skip

    body = '{"event":{},"payload":{"n":1}}'
    reading.remember("s", UUID(int=1), body, "read by the receiver")
    assert row(body).read(lambda payload: payload) == "read by the receiver"
    assert row(body).read(lambda payload: payload) == {"n": 1}
    reading.remember("s", UUID(int=1), body, "read by the receiver")
    assert row(body.replace("1", "2")).read(lambda payload: payload) == {"n": 2}


def test_of_what_receivers_read_only_the_newest_is_kept_in_mind() -> None:
    for number in range(reading.MOST + 5):
        reading.remember("s", UUID(int=number), "body", number)
    kept = [reading.recall("s", UUID(int=number), "body") for number in range(reading.MOST + 5)]
    assert kept == [None] * 5 + list(range(5, reading.MOST + 5))

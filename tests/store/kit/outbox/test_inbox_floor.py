"""A long transaction elsewhere keeps applied events in the index: looking for waiting ones does not pass over them again (F10)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from ambar.kit import clock
from ambar.kit.outbox.inbox.drain import _DUE, InboxRow, Later, drain
from ambar.kit.outbox.inbox.floors import MARGIN, SWEEP_SECONDS, Floor
from ambar.kit.work.worker import database_settings
from tests.worlds.unswept import unswept

pytestmark = pytest.mark.django_db(transaction=True)
TYPES = ["parcel.*"]
ROUNDS, EACH = 8, 2000

MAKE = """
insert into outbox_inbox (source, uuid, type, aggregate, sequence, payload, state, due_at, received_at, attempts, late, reason)
select 'x', gen_random_uuid(), 'parcel.moved', 'parcel:' || n, 1, %s, %s, now(), now(), 0, false, ''
from generate_series(%s::int, %s::int) n returning id
"""
BODY = '{"event":{},"payload":{}}'


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def floor() -> Floor:
    return Floor(clock=Time())


def make(first: int, last: int, *, state: int = 0) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(MAKE, [BODY, state, first, last])
        return sorted(row[0] for row in cursor.fetchall())


def taken(floor: Floor | None) -> list[int]:
    found: list[int] = []
    drain(lambda rows: found.extend(row.id for row in rows), types=TYPES, now=clock.now(), floor=floor)
    return found


@contextmanager
def pinned() -> Iterator[None]:
    """A transaction that took its snapshot long ago and stays open."""
    with psycopg.connect(**database_settings()) as other:
        other.execute("set transaction isolation level repeatable read")
        other.execute("select count(*) from outbox_inbox")
        yield
        other.rollback()


def pages_read(begin: int) -> int:
    """Pages that a look for waiting events touches."""
    with psycopg.connect(**database_settings(), autocommit=True) as own:
        own.execute("set enable_seqscan = off")
        own.execute("set enable_bitmapscan = off")
        plan = own.execute(
            "explain (analyze, buffers, format json) " + _DUE,
            [begin, clock.now(), ["parcel.%"], 100],
        ).fetchone()[0]
    top = (plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


def test_a_look_costs_the_same_under_a_pinned_snapshot_however_much_was_applied(floor) -> None:
    guarded, from_the_first = [], []
    with unswept("outbox_inbox"), pinned(), connection.cursor() as cursor:
        for turn in range(ROUNDS):
            make(turn * EACH, turn * EACH + EACH - 1)
            cursor.execute("update outbox_inbox set state = 1, applied_at = now() where state = 0")
            if turn + 1 in (ROUNDS // 2, ROUNDS):
                cursor.execute("analyze outbox_inbox")
                assert taken(floor) == []
                guarded.append(pages_read(floor.at))
                from_the_first.append(pages_read(0))
    grown = guarded[1] - guarded[0], from_the_first[1] - from_the_first[0]
    assert grown[1] > 50, ("the snapshot pinned nothing: the test proves nothing", from_the_first)
    assert grown[0] < 10, (guarded, from_the_first)


def test_nothing_that_waits_is_passed_by(floor) -> None:
    """Neither what comes next, nor what was put off meanwhile, nor what has a smaller number and came later."""
    first = make(1, MARGIN + 500)
    while taken(floor):
        pass
    assert floor.at > first[0], "the floor has moved"
    [late] = make(9001, 9001)
    assert taken(floor) == [late]

    put_off = make(9002, 9002)

    def not_yet(rows: Sequence[InboxRow]) -> None:
        raise Later("not yet")

    drain(not_yet, types=TYPES, now=clock.now(), floor=floor)
    make(9100, 9100 + 2 * MARGIN, state=1)
    assert taken(floor) == []
    assert floor.at == put_off[0] - MARGIN, "who waits for its time holds the floor"
    with connection.cursor() as cursor:
        cursor.execute("update outbox_inbox set due_at = now() where id = %s", put_off)
    assert taken(floor) == put_off


def test_an_event_committed_long_after_its_number_was_given_is_found_by_the_next_sweep(floor) -> None:
    [early] = make(1, 1, state=2)
    make(2, 2 * MARGIN, state=1)
    assert taken(floor) == []
    assert floor.at > early
    with connection.cursor() as cursor:
        cursor.execute("update outbox_inbox set state = 0 where id = %s", [early])
    assert taken(floor) == []
    floor.clock.now += SWEEP_SECONDS  # type: ignore[attr-defined]
    assert taken(floor) == [early]

"""A long transaction elsewhere keeps everything delivered in the index: claims do not read it again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection

from ambar.kit import http
from ambar.kit.outbox.deliveries import process, statements
from ambar.kit.outbox.deliveries.engine import BEGINNING, FLOOR_MARGIN, LATE_MARGIN, Engine
from ambar.kit.outbox.models import Hook
from ambar.kit.work.worker import database_settings
from tests.outbox_project.delivering import hook
from tests.worlds.unswept import unswept

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, EACH = 12, 500
AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)

MAKE = """
with made as (
  insert into outbox_event (uuid, type, kind, aggregate_id, sequence, payload, created_at)
  select gen_random_uuid(), 'parcel.moved', 'parcel', n, 1, '{}', now() from generate_series(%s::int, %s::int) n
  returning id, aggregate_id)
insert into outbox_delivery (event_id, hook_id, kind, aggregate_id, state, attempts, attempt_limit, due_at, last_status,
                             last_error)
select id, %s, 'parcel', aggregate_id, 0, 0, 18, %s, 0, '' from made"""


async def connecting() -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(**{**database_settings(), "autocommit": True})


@contextmanager
def pinned() -> Iterator[None]:
    """A transaction that took its snapshot long ago and stays open."""
    with psycopg.connect(**database_settings()) as other:
        other.execute("set transaction isolation level repeatable read")
        other.execute("select count(*) from outbox_delivery")
        yield
        other.rollback()


def pages_read(hook_id: int, floor: datetime) -> int:
    """Pages a claim of up to a hundred rows touches to find what is due; what it claimed is rolled back."""
    asked = {"hooks": [hook_id], "endpoints": [0], "budgets": [100], "floors": [floor], "early": [False]}
    known = [Hook.objects.get(pk=hook_id).modified_at]
    with psycopg.connect(**database_settings(), autocommit=True) as own:
        own.execute(process.TUNED)
        uncapped = {"origins": ["http://127.0.0.1:1"], "rates": [0.0], "capped": [], "horizon": 7.5}
        with own.transaction(force_rollback=True):
            plan = own.execute(
                "explain (analyze, buffers, format json) " + statements.CLAIM,
                {**asked, **uncapped, "known": known, "lease": 30.0, "worker": "w"},
            ).fetchone()[0]
    return _pages((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])


def _pages(node: dict[str, Any]) -> int:
    own = node.get("Index Name", "").startswith("outbox_delivery_") and node["Actual Loops"] == 1
    here = node["Shared Hit Blocks"] + node["Shared Read Blocks"] if own else 0
    return here + sum(map(_pages, node.get("Plans", [])))


def test_trap_24_a_claim_costs_the_same_under_a_pinned_snapshot_however_much_was_delivered() -> None:
    """Trap 24: what was delivered while a snapshot is held can't be vacuumed; a claim looks only at what is due since.

    Not at leases that ended by a delivery, which lie ahead of now, and not at the whole index of lanes.
    """
    made = hook("http://127.0.0.1:1/").pk
    now = datetime.now(UTC)
    guarded, sweeping = [], []
    with unswept("outbox_delivery", "outbox_event"), pinned(), connection.cursor() as cursor:
        for turn in range(ROUNDS):
            due, first = now - timedelta(hours=2) + timedelta(minutes=turn), turn * EACH
            cursor.execute(MAKE, [first, first + EACH - 1, made, due])
            cursor.execute(
                "update outbox_delivery set due_at = now() + interval '30 s' where state = 0"
            )  # leased
            cursor.execute("update outbox_delivery set state = 1, delivered_at = now() where state = 0")
            if turn + 1 not in (ROUNDS // 2, ROUNDS):
                continue
            cursor.execute("analyze outbox_delivery")
            # Fewer than are asked for, so that the look goes on to the end of what is due. Each time later than the last:
            # what was looked at then is pinned too, and no part of what is measured.
            fresh = now - timedelta(seconds=ROUNDS + 1 - turn)
            cursor.execute(MAKE, [900_000, 900_049, made, fresh])
            guarded.append(pages_read(made, fresh - FLOOR_MARGIN))
            sweeping.append(pages_read(made, BEGINNING))
            cursor.execute("delete from outbox_delivery where aggregate_id >= 900000")
    grown = guarded[1] - guarded[0], sweeping[1] - sweeping[0]
    assert grown[1] > 50, ("the snapshot pinned nothing: the test proves nothing", sweeping)
    assert grown[0] < 10, (guarded, sweeping)


def test_what_is_due_is_read_in_the_order_of_its_index_whatever_the_statistics_say() -> None:
    """Statistics of a moment at which nothing waited make all of a hook's lanes look like nothing to read and sort."""
    made, now = hook("http://127.0.0.1:1/").pk, datetime.now(UTC)
    with unswept("outbox_delivery"), connection.cursor() as cursor:
        cursor.execute(MAKE, [0, 4_999, made, now - timedelta(hours=1)])
        cursor.execute("update outbox_delivery set state = 1, delivered_at = now()")
        cursor.execute("analyze outbox_delivery")
        cursor.execute(MAKE, [5_000, 5_049, made, now - timedelta(seconds=5)])
        try:
            for name, rows in (
                ("outbox_delivery", 1e6),
                ("outbox_delivery_due", 1e6),
                ("outbox_delivery_lane", 0),
            ):
                cursor.execute(
                    "update pg_class set reltuples = %s, relpages = 100 where relname = %s", [rows, name]
                )
            read = pages_read(made, now - timedelta(seconds=10))
        finally:
            cursor.execute("analyze outbox_delivery")
    assert read < 50  # 18 pages; 266 with all lanes read


def test_an_engine_that_found_nothing_due_need_not_look_so_far_back_again() -> None:
    """Trap 24: where the floor of a claim comes from."""
    made = hook("http://127.0.0.1:1/").pk

    async def claim() -> dict[int, datetime]:
        engine = Engine(connect=connecting, open_session=partial(http.session, connections=0))
        async with await connecting() as one:
            await engine._load_hooks(one)
            assert await engine._claim(one, engine._asked(1000.0)) is False
        return engine.floors

    before = datetime.now(UTC) - FLOOR_MARGIN - timedelta(minutes=1)
    assert before < asyncio.run(claim())[made] <= datetime.now(UTC)


def test_what_committed_late_is_looked_for_every_few_seconds_and_everything_now_and_then() -> None:
    """Trap 24: a claim looks back two seconds, a minute every five seconds, and at everything every ten."""
    made = hook("http://127.0.0.1:1/").pk
    engine = Engine(connect=connecting, open_session=partial(http.session, connections=0))

    async def floors(moments: list[float]) -> list[datetime]:
        found = []
        async with await connecting() as one:
            await engine._load_hooks(one)
            for moment in moments:
                engine.floors.setdefault(made, AT)
                found.append(next(asked[3] for asked in engine._asked(moment)))
                engine.floors[made] = AT
        return found

    looked = asyncio.run(floors([1000.0, 1001.0, 1005.5, 1006.0, 1010.5, 1011.0]))
    assert looked == [BEGINNING, AT, AT - LATE_MARGIN, AT, BEGINNING, AT]

"""A transaction that stays open pins what was delivered since: claims pass it by, and the health page shows who does it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import psycopg
import pytest
from django.db import connection
from django.test import Client

from ambar.kit import clock, http, outbox, vault
from ambar.kit.accounts.models import User
from ambar.kit.outbox.deliveries import statements
from ambar.kit.outbox.deliveries.engine import BEGINNING, Engine
from ambar.kit.outbox.models import Hook
from ambar.kit.work import long_transactions
from ambar.kit.work.worker import database_settings

pytestmark = pytest.mark.django_db(transaction=True)

outbox.register_event("parcel.moved", "parcel")
MANY = 4000
MADE = f"""
with event as (
  insert into outbox_event (uuid, type, kind, aggregate_id, sequence, payload, created_at)
  select gen_random_uuid(), 'parcel.moved', 'parcel', n, 1, '{{}}', now() from generate_series(1, {MANY}) n returning id, aggregate_id)
insert into outbox_delivery (event_id, hook_id, kind, aggregate_id, state, attempts, attempt_limit, due_at, last_status, last_error)
select id, %s, 'parcel', aggregate_id, 0, 0, 18, now() - interval '5 minutes', 0, '' from event
"""
DELIVERED = "update outbox_delivery set state = 1, delivered_at = now(), due_at = now()"


@contextmanager
def a_long_transaction() -> Iterator[None]:
    with psycopg.connect(**database_settings()) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("select count(*) from outbox_delivery")
        yield


@pytest.fixture
def hook() -> Hook:
    now = clock.now()
    return Hook.objects.create(
        user=User.objects.create(username="integration", password=""), target_url="http://parcels.example/in/",
        event_type="parcel.moved", created_at=now, modified_at=now, secret_sealed=vault.seal("secret"),
        retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 0}},
    )  # fmt: skip


async def connect() -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(**{**database_settings(), "autocommit": True})


def floors_after_a_claim() -> dict[int, datetime]:
    """What an engine remembers of how far back it need not look any more."""

    async def claim() -> dict[int, datetime]:
        engine = Engine(connect=connect, open_session=partial(http.session, connections=0))
        async with await connect() as one:
            await engine._load_hooks(one)
            assert await engine._claim(one, engine._asked(1000.0)) is False
        return engine.floors

    return asyncio.run(claim())


def pages_of_a_claim(hook: Hook, floor: datetime) -> int:
    """How many pages of the database the next claim looks at."""
    given = {
        "hooks": [hook.pk],
        "endpoints": [1],
        "budgets": [64],
        "floors": [floor],
        "lease": 30,
        "worker": "me",
    }
    with psycopg.connect(**database_settings(), autocommit=True) as one:
        one.execute("set enable_seqscan = off")
        ((plan,),) = one.execute(
            f"explain (analyze, buffers, format json) {statements.CLAIM}", given
        ).fetchall()
    top = plan[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


def test_claims_stay_as_cheap_however_much_is_pinned(hook: Hook) -> None:
    """Trap 24: pages looked at, which no busy machine changes; without a floor all that is pinned is passed over."""
    with connection.cursor() as cursor:
        cursor.execute(MADE, [hook.pk])
        cursor.execute("analyze outbox_delivery")
        with a_long_transaction():
            cursor.execute(DELIVERED)
            floor = floors_after_a_claim()[hook.pk]
            assert floor > datetime(2026, 1, 1, tzinfo=UTC)
            few, all_of_them = pages_of_a_claim(hook, floor), pages_of_a_claim(hook, BEGINNING)
            assert few * 4 < all_of_them, (few, all_of_them)


def test_an_open_transaction_shows_on_the_health_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap 24: how long the oldest has been open, and that it is long; the page stays green."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    before = long_transactions.oldest_seconds()
    assert before == 0.0
    with a_long_transaction():
        assert long_transactions.oldest_seconds() > 0.0
        monkeypatch.setattr(long_transactions, "LONG_SECONDS", 0.0)
        answer = Client().get("/readyz")
        shown = answer.json()["checks"]["transactions"]
        assert (answer.status_code, shown["ok"], shown["detail"]["long"]) == (200, True, True)
        assert b"ambar_oldest_transaction_seconds" in Client().get("/metrics").content

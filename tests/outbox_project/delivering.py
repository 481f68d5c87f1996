"""Hooks, events and a running delivery engine for the tests of deliveries."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from ambar.kit import clock, http, outbox, vault
from ambar.kit.accounts.models import User
from ambar.kit.outbox.deliveries.endpoints import Endpoint
from ambar.kit.outbox.deliveries.engine import Engine, EngineSettings
from ambar.kit.outbox.models import Hook
from ambar.kit.work.worker import database_settings
from tests.worlds.waiting import LONG_SECONDS

outbox.register_event("parcel.moved", "parcel")
outbox.register_event("parcel.lost", "parcel")
outbox.register_event("parcel.created", "parcel")


def hook(url: str, event_type: str = "parcel.moved", *, seconds: int = 0, **columns: object) -> Hook:
    user, _ = User.objects.get_or_create(username="integration", defaults={"password": ""})
    now = clock.now()
    return Hook.objects.create(
        user=user, target_url=url, event_type=event_type, created_at=now, modified_at=now,
        retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": seconds}},
        **{"secret_sealed": vault.seal("secret"), **columns},
    )  # fmt: skip


def record(parcel: int, sequence: int, event_type: str = "parcel.moved", *, scopes: str = "") -> UUID:
    event = moved(parcel, sequence, event_type, scopes=scopes)
    outbox.record([event], now=clock.now())
    return event.uuid


def moved(parcel: int, sequence: int, event_type: str = "parcel.moved", *, scopes: str = "") -> outbox.Event:
    return outbox.Event(
        uuid=UUID(int=parcel * 100 + sequence + 7 * 10**30),
        type=event_type,
        kind="parcel",
        aggregate_id=parcel,
        sequence=sequence,
        payload={"id": parcel, "n": sequence, "title": "İstanbul"},
        scopes=scopes,
    )


async def connect() -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        **{**database_settings(), "autocommit": True, "prepare_threshold": 3}
    )


@contextmanager
def delivering(**settings: object) -> Iterator[Engine]:
    engine = Engine(
        connect=connect,
        open_session=partial(http.session, connections=0),
        settings=EngineSettings(**{"poll_seconds": 0.05, **settings}),
    )
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(engine.run(stop)))
    thread.start()
    try:
        yield engine
    finally:
        stop.set()
        thread.join(LONG_SECONDS)
        assert not thread.is_alive()


def noted_turns(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each post may go out, of all engines of this process: by their clock, not by when a busy machine came to it."""
    turns, turn = [], Endpoint.turn

    def noted(endpoint: Endpoint, now: float) -> float | None:
        wait = turn(endpoint, now)
        if wait is not None:
            turns.append(now + wait)
        return wait

    monkeypatch.setattr(Endpoint, "turn", noted)
    return turns


def rows(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def states() -> list[tuple]:
    return rows("select aggregate_id, state, attempts from outbox_delivery order by id")


def all_delivered() -> bool:
    return rows("select count(*) from outbox_delivery where state <> 1") == [(0,)]

"""The engine inside a worker process: its event loop, its connections, its settings."""

from __future__ import annotations

import asyncio
import os
import threading
from functools import partial
from typing import Any

import psycopg
import uvloop

from ambar.kit import http
from ambar.kit.outbox.deliveries.engine import Connection, Engine, EngineSettings
from ambar.kit.outbox.domain.countdown import LATER_SECONDS
from ambar.kit.work.worker import database_settings

TUNED = """
select set_config('synchronous_commit', 'off', false), set_config('enable_seqscan', 'off', false),
  set_config('enable_sort', 'off', false), set_config('jit', 'off', false)"""
"""How a connection of the engine is set up.

An acknowledgement lost in a crash of the server means one more delivery of the same bytes, which the contract allows; waiting for
the disk on every batch would buy nothing. The statistics of a queue tell of some moment, at which nothing may have waited: by them
it costs as little to read all of a hook's lanes and sort them as to read what is due in the order of its index. It must be the latter.
"""


def settings_from_environment() -> EngineSettings:
    """`AMBAR_OUTBOX_LEASE_SECONDS` (30); per endpoint `AMBAR_OUTBOX_CONCURRENCY` (32 posts at a time),
    `AMBAR_OUTBOX_RATE` (posts a second, 0 = no cap), `AMBAR_OUTBOX_PAUSE_SECONDS` (a day of failing pauses it);
    `AMBAR_OUTBOX_LATER_SECONDS` (ten hours at least between later tries).
    """
    return EngineSettings(
        lease_seconds=float(os.environ.get("AMBAR_OUTBOX_LEASE_SECONDS", "30")),
        concurrency=int(os.environ.get("AMBAR_OUTBOX_CONCURRENCY", "32")),
        rate=float(os.environ.get("AMBAR_OUTBOX_RATE", "0")),
        later_seconds=float(os.environ.get("AMBAR_OUTBOX_LATER_SECONDS", str(LATER_SECONDS))),
        pause_after_seconds=float(os.environ.get("AMBAR_OUTBOX_PAUSE_SECONDS", "86400")),
    )


def run(stop: threading.Event) -> None:
    """Runs a delivery engine until `stop` is set; the target of the worker's thread."""
    parameters: dict[str, Any] = {**database_settings(), "autocommit": True, "prepare_threshold": 3}

    async def connect() -> Connection:
        connection = await psycopg.AsyncConnection.connect(**parameters)
        await connection.execute(TUNED)
        return connection

    engine = Engine(
        connect=connect,
        open_session=partial(http.session, connections=0),
        settings=settings_from_environment(),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(engine.run(stop))

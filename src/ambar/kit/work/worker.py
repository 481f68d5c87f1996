"""The worker process: one thread per loop, one that listens, one for jobs, one for the heartbeat.

Each survives a restart of the database: it lets go of its connection, backs off and goes on.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connection, connections
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

from .. import clock, pool, timekeeping
from . import heartbeats, registry, signals, stalled
from .heartbeats import Pulse
from .registry import Loop
from .signals import CHANNEL

log = structlog.get_logger("ambar.work")

POLL_SECONDS = 5.0
"""Jobs are told of by notice; this finds those whose notice was lost, or whose lock another worker has let go."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
LONGEST_PAUSE_AFTER_FAULT = 30.0
GONE = (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError, ConnectorException)


def database_settings() -> dict[str, object]:
    """What `psycopg.connect` needs for a connection outside Django's pool."""
    parameters = dict(connection.get_connection_params())
    for name in ("pool", "cursor_factory", "context", "server_side_binding"):
        parameters.pop(name, None)
    return parameters


class Worker:
    """All background work of one system in this process.

    :param only: names of loops and threads to run; all when empty.
    """

    def __init__(self, *, only: frozenset[str] = frozenset(), with_jobs: bool = True) -> None:
        self.stop = threading.Event()
        self.listening = threading.Event()
        self.only = only
        self.with_jobs = with_jobs
        self.pulses: dict[str, Pulse] = {}
        self.wakes: dict[str, list[threading.Event]] = {}
        self.running: list[threading.Thread] = []
        self._end_jobs: Callable[[], object] = self.stop.is_set

    def start(self) -> None:
        """Starts every thread and returns."""
        self.running.append(timekeeping.start(self.stop))
        for loop in registry.loops().values():
            if self._chosen(loop.name):
                self._start_loop(loop)
        for name, target in registry.threads().items():
            if self._chosen(name):
                pulse = self._pulse(name)
                self._spawn(name, lambda pulse=pulse, target=target: target(self.stop), pulse)  # type: ignore[misc]
        self._spawn("listen", self._listen, self._pulse("listen"))
        self._spawn("heartbeat", self._beat, self._pulse("heartbeat"))
        if self.with_jobs:
            self._spawn("jobs", self._jobs, self._pulse("jobs"))
        log.info("worker_started", threads=[thread.name for thread in self.running])

    def finish(self, *, seconds: float = 10.0) -> list[str]:
        """Asks all threads to end and waits; returns the names of those that did not."""
        self.stop.set()
        self._wake_all()
        with suppress(RuntimeError):  # the round has just ended by itself
            self._end_jobs()
        end = time.monotonic() + seconds
        for thread in self.running:
            thread.join(max(0.0, end - time.monotonic()))
        late = [thread.name for thread in self.running if thread.is_alive()]
        log.info("worker_stopped", late=late)
        return late

    def _chosen(self, name: str) -> bool:
        return not self.only or name in self.only

    def _pulse(self, name: str) -> Pulse:
        return self.pulses.setdefault(name, Pulse(name=name))

    def _start_loop(self, loop: Loop) -> None:
        pulse = self._pulse(loop.name)
        for number in range(loop.workers):
            wake = threading.Event()
            self.wakes.setdefault(loop.name, []).append(wake)
            self._spawn(
                f"{loop.name}-{number}" if loop.workers > 1 else loop.name,
                lambda wake=wake: self._drain(loop, wake, pulse),  # type: ignore[misc]
                pulse,
            )

    def _spawn(self, name: str, body: Callable[[], None], pulse: Pulse) -> None:
        thread = threading.Thread(target=self._supervise, args=(name, body, pulse), name=name, daemon=True)
        self.running.append(thread)
        thread.start()

    def _supervise(self, name: str, body: Callable[[], None], pulse: Pulse) -> None:
        """Runs `body` until the process stops; what falls is started again after a growing pause."""
        pause = FIRST_PAUSE
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                body()
            except GONE as error:
                pulse.failed(error)
                longest = LONGEST_PAUSE
                if pool.is_conflict(error):
                    log.warning("database_conflict", thread=name, **pool.reason(error))
                else:
                    log.warning("database_unavailable", thread=name, **pool.reason(error))
                    pool.discard_dead()
            except Exception as error:
                pulse.failed(error)
                log.exception("round_failed", thread=name)
                longest = LONGEST_PAUSE_AFTER_FAULT
            else:
                longest = LONGEST_PAUSE
            finally:
                connections.close_all()
            if time.monotonic() - began > LONGEST_PAUSE_AFTER_FAULT:
                pause = FIRST_PAUSE
            self.stop.wait(pause)
            pause = min(pause * 2, longest)

    def _drain(self, loop: Loop, wake: threading.Event, pulse: Pulse) -> None:
        with signals.told_here(loop.name, wake.set):
            self._drain_until_stopped(loop, wake, pulse)

    def _drain_until_stopped(self, loop: Loop, wake: threading.Event, pulse: Pulse) -> None:
        while not self.stop.is_set():
            wake.clear()
            rows = loop.drain()
            pulse.round_done(rows)
            if rows:
                if loop.busy_seconds:
                    self.stop.wait(loop.busy_seconds)
                continue
            connection.close()
            wake.wait(loop.idle_seconds)

    def _listen(self) -> None:
        with psycopg.connect(**database_settings(), autocommit=True) as listener:  # type: ignore[arg-type]
            listener.execute(f"listen {CHANNEL}")
            # Whatever was said while nobody listened is caught up by looking once.
            self._wake_all()
            self.listening.set()
            while not self.stop.is_set():
                for notice in listener.notifies(timeout=0.5):
                    for event in self.wakes.get(notice.payload, []):
                        event.set()
                    if self.stop.is_set():
                        return

    def _wake_all(self) -> None:
        for events in self.wakes.values():
            for event in events:
                event.set()

    def _beat(self) -> None:
        while not self.stop.is_set():
            heartbeats.write(list(self.pulses.values()), now=clock.now())
            connection.close()
            self.stop.wait(heartbeats.SECONDS)
        heartbeats.leave()

    def _jobs(self) -> None:
        asyncio.run(self._jobs_round_closed())

    async def _jobs_round_closed(self) -> None:
        try:
            await self._jobs_round()
        finally:
            # Periodic jobs are deferred on Django's connection of one thread that outlives the rounds: lost, it stays lost.
            await sync_to_async(connections.close_all)()

    async def _jobs_round(self) -> None:
        from procrastinate.contrib.django import app

        # A worker whose database restarted can't be revived: each round gets a connector of its own.
        fresh = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        end = asyncio.Event()
        self._end_jobs = partial(asyncio.get_running_loop().call_soon_threadsafe, end.set)
        if self.stop.is_set():
            return  # asked to finish before it could be told
        async with fresh.open_async():
            running = asyncio.create_task(
                fresh.run_worker_async(
                    install_signal_handlers=False,
                    concurrency=2,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=5.0,
                    fetch_job_polling_interval=POLL_SECONDS,
                    update_heartbeat_interval=stalled.SIGN_SECONDS,
                    stalled_worker_timeout=stalled.STALLED_SECONDS,
                )
            )
            putting_back = asyncio.create_task(stalled.put_back_forever(fresh))
            tasks = [putting_back, running, asyncio.create_task(end.wait())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended

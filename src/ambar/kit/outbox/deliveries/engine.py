"""The loop that delivers: claim, post, acknowledge, each with its own connection, each recovering by itself.

Held rows and answers not yet written survive a lost connection, so that a database restart repeats an
acknowledgement (which is idempotent) and not a delivery. What a killed process held is due again when its lease
ends, or as soon as a worker of the same machine starts.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson
import psycopg
import structlog

from ambar.kit import clock, failpoints, prepared
from ambar.kit.outbox.deliveries import bundles, identity, statements
from ambar.kit.outbox.deliveries.claims import HORIZON, Asked, question
from ambar.kit.outbox.deliveries.endpoints import Endpoint
from ambar.kit.outbox.deliveries.health import Health
from ambar.kit.outbox.deliveries.settling import DELIVERED, PENDING, SUPERSEDED, Result, judged, untried
from ambar.kit.outbox.deliveries.targets import Directory, HookRow, Job
from ambar.kit.outbox.domain.breaker import LONGEST_ASKED_SECONDS
from ambar.kit.outbox.domain.countdown import LATER_SECONDS
from ambar.kit.outbox.domain.verdicts import Answer, Verdict
from ambar.kit.work import signals

log = structlog.get_logger("ambar.deliveries")

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FLOOR_MARGIN = timedelta(seconds=2)
"""A claim looks only at rows due since a floor, shortly before what the last claim left: a long transaction
elsewhere keeps what was delivered since in the index, and passing over it would cost more every time."""
LATE_MARGIN, LATE_SECONDS = timedelta(seconds=60), 5.0
"""So often a claim looks back a minute: rows of a transaction that committed later than the margin, or that were locked."""
FIRST = ".created"
DEFERRED_SECONDS = 0.11
"""What a claim put off, because an earlier event of its record is under way, is looked at again after so long."""
SWEEP_SECONDS = 10.0
"""So often a claim looks at everything: rows of a transaction that committed more than a minute late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """:param lease_seconds: how long a claimed row stays with a worker that gives no sign.
    :param concurrency: posts under way per endpoint. :param rate: posts a second per endpoint, 0 = no cap.
    :param later_seconds: shortest wait after the eleventh try. :param pause_after_seconds: an endpoint that failed for
        so long is paused. :param poll_seconds: look for due rows at least so often.
    :param hooks_seconds: load the hooks at least so often; of a change it is told, and a claim finds it.
    """

    lease_seconds: float = 30.0
    concurrency: int = 32
    rate: float = 0.0
    later_seconds: float = LATER_SECONDS
    pause_after_seconds: float = 24 * 3600.0
    poll_seconds: float = 0.5
    hooks_seconds: float = 5.0
    flush_seconds: float = 0.05
    flush_rows: int = 500
    grace_seconds: float = 3.0


@dataclass(slots=True)
class Engine:
    """One delivery engine; `connect` opens a fresh autocommit connection."""

    connect: Callable[[], Awaitable[Connection]]
    open_session: Callable[[], aiohttp.ClientSession]
    settings: EngineSettings = field(default_factory=EngineSettings)
    channel: str = "ambar_work"
    worker: str = field(default_factory=identity.me)
    results: list[Result] = field(default_factory=list)
    held: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    floors: dict[int, datetime] = field(default_factory=dict)
    swept_at: float = 0.0
    looked_back_at: float = 0.0
    delivered: int = 0
    more: bool = True
    """Whether something due may have been left where it is by the last claim; else answers make no room anybody waits for.
    Not while a claim is under way: what it says decides for the answers that came in meanwhile."""
    room: bool = False
    """Whether answers made room since the last claim began."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    session: aiohttp.ClientSession | None = None
    stopping: bool = False
    hooks_dirty: bool = True
    directory: Directory = field(init=False)
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(concurrency=self.settings.concurrency, rate=self.settings.rate)
        self.health = Health(
            self.directory, pause_after_seconds=self.settings.pause_after_seconds, channel=self.channel
        )

    async def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set; then ends its claim (one broken off may lease for nobody), writes answers, frees what was not sent."""
        events = asyncio.get_running_loop()
        with signals.told_here("deliveries", lambda: events.call_soon_threadsafe(self.wake.set)):
            await self._run(stop)

    async def _run(self, stop: threading.Event) -> None:
        async with self.open_session() as self.session:
            loops = [
                asyncio.create_task(self._supervised("claim", self._claiming)),
                asyncio.create_task(self._supervised("listen", self._listening)),
            ]
            writer = asyncio.create_task(self._supervised("acknowledge", self._acknowledging))
            while not stop.is_set():
                await asyncio.sleep(0.1)
                for task in (*loops, writer):
                    if task.done():
                        # None of them ends before it is told to: let the worker start the engine anew.
                        task.result()
                        raise RuntimeError("a loop of the deliveries ended")
            self.stopping = True
            self.wake.set()
            await asyncio.wait(loops[:1], timeout=1)
            for loop in loops:
                loop.cancel()
            await self._finish_posts()
            for endpoint in self.directory.endpoints.values():
                self._give_back(endpoint, wait=0.0)
            self.ready.set()
            await asyncio.wait([writer], timeout=10)
            await asyncio.gather(*loops, return_exceptions=True)

    async def _finish_posts(self) -> None:
        """Lets posts under way end; what takes too long is broken off and will be sent again."""
        if self.tasks:
            _, late = await asyncio.wait(self.tasks, timeout=self.settings.grace_seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)

    async def _supervised(self, name: str, body: Callable[[Connection], Awaitable[None]]) -> None:
        pause = 0.1
        while True:
            begun = time.monotonic()
            try:
                async with await self.connect() as connection:
                    await body(connection)
                return
            except (psycopg.Error, OSError) as error:
                if self.stopping and name != "acknowledge":
                    return
                log.warning("deliveries lost the database", loop=name, error=str(error).strip())
            pause = 0.1 if time.monotonic() - begun > 5 else min(pause * 2, 2.0)
            await asyncio.sleep(pause)

    async def _listening(self, connection: Connection) -> None:
        await connection.execute(f'listen "{self.channel}"')
        # What was said before it listened, or while its connection was lost, was said to nobody.
        self.hooks_dirty = True
        self.wake.set()
        async for notice in connection.notifies():
            if notice.payload == "hooks":
                self.hooks_dirty = True
                self.wake.set()
            elif notice.payload == "deliveries":
                self.wake.set()

    async def _claiming(self, connection: Connection) -> None:
        await self._free_the_lost(connection)
        while not self.stopping:
            self.wake.clear()
            if self.hooks_dirty or time.monotonic() - self.directory.loaded_at > self.settings.hooks_seconds:
                await self._load_hooks(connection)
            # An answer that comes in before the claim is through makes room that the claim does not know of.
            self.more = self.room = False
            asked = self._asked(time.monotonic())
            if asked and await self._claim(connection, asked):
                continue
            self.more = self.more or len(asked) < len(self.directory.targets)
            if self.more and self.room:
                continue
            try:
                await asyncio.wait_for(self.wake.wait(), self.settings.poll_seconds)
            except TimeoutError:
                pass

    async def _free_the_lost(self, connection: Connection) -> None:
        """Frees leases of dead processes of this machine, and our own whose claim was answered into the void."""
        mine = identity.machine() + ":%"
        holders = await (await connection.execute(statements.HOLDERS, {"mine": mine})).fetchall()
        dead = identity.dead(row[0] for row in holders)
        if dead:
            await connection.execute(statements.RELEASE, {"dead": dead})
            log.info("freed leases of dead workers", workers=dead)
        await connection.execute(statements.RELEASE_LOST, {"worker": self.worker, "held": list(self.held)})

    async def _load_hooks(self, connection: Connection) -> None:
        self.hooks_dirty = False
        rows = await (await connection.execute(statements.HOOKS)).fetchall()
        for hook_id, reason in self.directory.load([HookRow(*row) for row in rows]):
            log.error("hook can't be used", hook=hook_id, reason=reason)
        await self.health.load(connection)
        self.gone &= set(self.directory.targets)

    def _asked(self, now: float) -> list[Asked]:
        """Which hooks to claim for, and how many rows each at most."""
        if now - self.swept_at > SWEEP_SECONDS:
            self.swept_at = self.looked_back_at = now
            self.floors.clear()
        elif now - self.looked_back_at > LATE_SECONDS:
            self.looked_back_at = now
            self.floors = {hook_id: floor - LATE_MARGIN for hook_id, floor in self.floors.items()}
        asked = []
        for target in self.directory.targets.values():
            endpoint = target.endpoint
            state = endpoint.breaker.state(now)
            most = endpoint.budget(seconds=self.settings.lease_seconds * HORIZON)
            budget = most - endpoint.held if state == "closed" else 1
            wanted = budget >= most // 2 and budget > 0 if state == "closed" else not endpoint.held
            if state != "open" and wanted and target.hook_id not in self.gone:
                floor = self.floors.get(target.hook_id, BEGINNING)
                early = state == "half-open" and endpoint.known_ill
                asked.append((target.hook_id, endpoint.number, budget, floor, early))
        return asked

    async def _claim(self, connection: Connection, asked: list[Asked]) -> bool:
        """Takes what is due and spreads it; whether to claim again at once."""
        begun = clock.now()
        statement, parameters = question(
            asked, self.directory, lease_seconds=self.settings.lease_seconds, worker=self.worker
        )
        await _plan_anew(connection)
        cursor = await connection.execute(statement, parameters, binary=True)
        rows = await cursor.fetchall()
        if not rows[0][-1]:
            # Nothing was looked at of an endpoint that wants to be left alone, or whose places are all taken.
            looked = {hook_id for hook_id, *_ in asked} - set(rows[0][-2] or ())
            self.floors.update(dict.fromkeys(looked, begun - FLOOR_MARGIN))
        leased = 0 if rows[0][0] is None else len(rows)
        if leased < rows[0][-1]:
            asyncio.get_running_loop().call_later(DEFERRED_SECONDS, self.wake.set)
        if leased:
            failpoints.reach("after_claim")
            self._spread(rows)
        self.more = rows[0][-3] or bool(rows[0][-2])
        self.hooks_dirty |= rows[0][-4]
        return bool(rows[0][-4] or (rows[0][-1] and rows[0][-3]))

    def _spread(self, rows: list[tuple[Any, ...]]) -> None:
        lanes: dict[tuple[int, str, int], list[Job]] = {}
        first_due: dict[int, datetime] = {}
        now = time.monotonic()
        begin_by = now + self.settings.lease_seconds / 2
        for row in rows:
            id_, hook_id, kind, aggregate_id = row[:4]
            target, due, early = self.directory.targets[hook_id], row[11], row[12]
            job = Job(id_, target, *row[2:11], begin_by, early)  # type: ignore[call-arg]  # a slice of known length
            lanes.setdefault((hook_id, kind, aggregate_id), []).append(job)
            self.held.add(id_)
            first_due[hook_id] = min(due, first_due.get(hook_id, due))
        for hook_id, due in first_due.items():
            self.floors[hook_id] = max(due - FLOOR_MARGIN, self.floors.get(hook_id, BEGINNING))
        self._take_places(rows, now)
        touched: dict[str, Endpoint[list[Job]]] = {}
        firsts: dict[str, list[list[Job]]] = {}
        for lane in lanes.values():
            endpoint = lane[0].target.endpoint
            # A record nobody there has heard of yet waits for no news of the known ones: others build on it.
            if lane[0].type.endswith(FIRST) and not lane[0].attempts:
                firsts.setdefault(endpoint.origin, []).append(lane)
            else:
                endpoint.lanes.append(lane)
            endpoint.claimed(len(lane), now)
            touched[endpoint.origin] = endpoint
        for endpoint in touched.values():
            endpoint.lanes.extendleft(reversed(firsts.get(endpoint.origin, [])))
            self._staff(endpoint)

    def _take_places(self, rows: list[tuple[Any, ...]], now: float) -> None:
        """The places under a rate cap that this claim took, of all its posts to an endpoint together."""
        untils: dict[int, float] = {}
        posts: dict[int, set[tuple[Any, ...]]] = {}
        for row in rows:
            target = self.directory.targets[row[1]]
            if row[-5] is not None:
                untils[target.endpoint.number] = row[-5]
                one = row[1:4] if target.collapse else row[:1]
                posts.setdefault(target.endpoint.number, set()).add(one)
        for endpoint in self.directory.endpoints.values():
            if endpoint.number in untils:
                endpoint.placed(len(posts[endpoint.number]), untils[endpoint.number], now)

    def _staff(self, endpoint: Endpoint[list[Job]]) -> None:
        """As many senders as the endpoint has lanes and may have posts under way."""
        for _ in range(min(len(endpoint.lanes), endpoint.share - endpoint.running)):
            endpoint.running += 1
            self._spawn(self._working(endpoint))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _working(self, endpoint: Endpoint[list[Job]]) -> None:
        try:
            while endpoint.lanes and not self.stopping and endpoint.running <= endpoint.share:
                if not endpoint.breaker.take(time.monotonic()):
                    self._give_back(endpoint, wait=0.2)
                    return
                lanes = bundles.next_lanes(endpoint)
                await asyncio.gather(*(self._send_lane(endpoint, lane) for lane in lanes))
        finally:
            endpoint.running -= 1
            self._made_room()

    async def _send_lane(self, endpoint: Endpoint[list[Job]], lane: list[Job]) -> None:
        """Sends a lane's jobs one after the other; the first that fails holds back those behind it.

        Where the hook collapses, only the newest is sent, and stands for all of them once it is delivered.
        """
        older: list[Job] = []
        if len(lane) > 1 and lane[0].target.collapse:
            lane, older = lane[-1:], lane[:-1]
        for place, job in enumerate(lane):
            behind = [*older, *lane[place + 1 :]]
            result = await self._send(endpoint, job)
            self._note(endpoint, [result])
            if result.state == DELIVERED:
                self._note(endpoint, [untried(one, state=SUPERSEDED, wait=0.0) for one in older])
                continue
            self._note(endpoint, [untried(one, state=result.state, wait=result.wait) for one in behind])
            return

    async def _send(self, endpoint: Endpoint[list[Job]], job: Job) -> Result:
        """One try of one delivery, unless its time or ours is over."""
        assert self.session is not None
        try:
            wait, answer = endpoint.turn(time.monotonic()), None
            if wait:
                await asyncio.sleep(wait)
            if wait is not None and not self.stopping and time.monotonic() <= job.begin_by:
                answer = await bundles.send(self.session, job, spawn=self._spawn)
            if answer is None:
                endpoint.breaker.skipped()
                return untried(job, state=PENDING, wait=0.0)
        except asyncio.CancelledError:
            endpoint.breaker.skipped()
            return untried(job, state=PENDING, wait=0.0)
        except Exception:
            log.exception("delivery failed inside", delivery=job.id)
            answer = Answer(status=0, error="internal")
        failpoints.reach("after_post_before_ack")
        if not answer.endpoint_is_ill:
            endpoint.answered_well()
            self.health.well(endpoint)
            self._staff(endpoint)
        else:
            now = time.monotonic()
            endpoint.answered_ill(now, retry_after=answer.retry_after)
            if answer.retry_after is not None:
                self.health.asked_to_wait(endpoint, min(answer.retry_after, LONGEST_ASKED_SECONDS), now)
            self.health.ill(endpoint, answer)
            if endpoint.paused or job.early:
                # Such a probe says nothing about this delivery.
                wait, reason = max(job.early, 0.2), answer.error or f"HTTP {answer.status}"
                return untried(job, state=PENDING, wait=wait, reason=reason)
        if answer.verdict is Verdict.GONE:
            self.gone.add(job.target.hook_id)
        return judged(job, answer, later_seconds=self.settings.later_seconds)

    def _note(self, endpoint: Endpoint[list[Job]], results: list[Result]) -> None:
        if not results:
            return
        self.results.extend(results)
        endpoint.finished(len(results), time.monotonic())
        self.ready.set()
        if any(result.state == PENDING for result in results):
            self.wake.set()
        elif endpoint.held <= endpoint.window // 2:
            self._made_room()

    def _made_room(self) -> None:
        self.room = True
        if self.more:
            self.wake.set()

    def _give_back(self, endpoint: Endpoint[list[Job]], *, wait: float) -> None:
        jobs = [job for lane in endpoint.lanes for job in lane]
        endpoint.lanes.clear()
        self._note(endpoint, [untried(job, state=PENDING, wait=wait) for job in jobs])

    async def _acknowledging(self, connection: Connection) -> None:
        # What a lost connection left unwritten does not wait for the next answer.
        self.ready.set()
        while True:
            await self.ready.wait()
            self.ready.clear()
            if len(self.results) < self.settings.flush_rows and not self.stopping:
                await asyncio.sleep(self.settings.flush_seconds)
            while self.results:
                batch = self.results[: self.settings.flush_rows]
                await self._acknowledge(connection, batch)
                del self.results[: len(batch)]
                self.held.difference_update(result.id for result in batch)
                self.delivered += sum(result.state == DELIVERED for result in batch)
            if await self.health.write(connection):
                self.floors.clear()
                self.wake.set()
            if self.gone & set(self.directory.targets):
                await self._disable(connection)
            if self.stopping and not self.tasks and not self.results:
                return

    async def _acknowledge(self, connection: Connection, batch: list[Result]) -> None:
        try:
            await self._write(connection, batch)
        except (psycopg.DataError, ValueError, TypeError) as error:
            # What the other side answered must never keep a verdict from being written.
            log.warning("an answer can't be stored", error=str(error))
            for result in batch:
                result.response, result.error = "", result.error.encode("ascii", "replace").decode()
            await self._write(connection, batch)
        failpoints.reach("after_ack")

    async def _write(self, connection: Connection, batch: list[Result]) -> None:
        rows = orjson.dumps(batch).decode()
        await _plan_anew(connection)
        await connection.execute(statements.ACKNOWLEDGE, {"rows": rows, "worker": self.worker})

    async def _disable(self, connection: Connection) -> None:
        hooks = sorted(self.gone & set(self.directory.targets))
        await connection.execute(
            statements.DISABLE, {"hooks": hooks, "reason": "the target answered 410 Gone"}
        )
        log.warning("hooks switched off after 410 Gone", hooks=hooks)
        self.hooks_dirty = True


async def _plan_anew(connection: Connection) -> None:
    if prepared.plans_are_old(connection):
        await connection.execute("DISCARD PLANS")

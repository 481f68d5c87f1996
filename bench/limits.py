"""Reference programs: what this machine's PostgreSQL and loopback give to the barest program doing the same work.

They are the denominators of the goals in `docs/explanation/speed.md`: an order of five lines with its outbox row
(one statement), a set-based planner without rules, a signed POST, a bare HTTP intake. Each answers a rate per second.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

LINES = 5
STOCK_ROWS = 10_000

SCHEMA = """
drop schema if exists limits cascade;
create schema limits;
set search_path = limits;
create table orders (id bigint generated always as identity primary key, number text unique, state text not null default 'new',
  body jsonb, created_at timestamptz default now());
create index on orders (id) where state = 'new';
create table lines (id bigint generated always as identity primary key, order_id bigint not null, sku bigint not null,
  quantity int not null, state text not null default 'new');
create index on lines (order_id);
create table outbox (id bigint generated always as identity primary key, order_id bigint, payload text, created_at timestamptz default now());
create table stock (sku bigint, location bigint, on_hand int not null, reserved int not null default 0,
  primary key (sku, location), check (reserved <= on_hand));
create table packages (id bigint generated always as identity primary key, order_id bigint, location bigint, created_at timestamptz default now());
"""

INSERT = """
with o as (insert into limits.orders (number, body) values (%s, %s) on conflict (number) do nothing returning id),
l as (insert into limits.lines (order_id, sku, quantity) select o.id, s, 1 from o, unnest(%s::bigint[]) s returning 1)
insert into limits.outbox (order_id, payload) select id, %s from o
"""


@dataclass(frozen=True)
class Limit:
    """A rate per second and how it was taken."""

    name: str
    rate: float
    note: str


def prepare(url: str) -> None:
    """Makes the empty tables and the stock of the limit programs."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute(
            "insert into limits.stock select s, l, 1000000000 from generate_series(1, %s) s, generate_series(1, 5) l",
            [STOCK_ROWS // 5],
        )
        connection.execute("analyze limits.stock")


def _skus(rng: random.Random) -> list[int]:
    return [rng.randint(1, STOCK_ROWS // 5) for _ in range(LINES)]


BODY = json.dumps({"customer": "x" * 300, "address": "y" * 200})


def _crowd(count: int, work: Callable[[int, float], int], seconds: float) -> float:
    end = time.perf_counter() + seconds
    done = [0] * count

    def go(n: int) -> None:
        done[n] = work(n, end)

    begun = time.perf_counter()
    threads = [threading.Thread(target=go, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - begun)


def batched_insert(url: str, *, seconds: float = 3.0, clients: int = 8, batch: int = 50) -> Limit:
    """Orders per second, `batch` orders a transaction (denominator of P2)."""

    def work(n: int, end: float) -> int:
        rng, done = random.Random(n), 0
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            while time.perf_counter() < end:
                rows = [
                    (f"b{n}-{done + k}-{os.getpid()}-{end}", BODY, _skus(rng), BODY) for k in range(batch)
                ]
                cursor.executemany(INSERT, rows)
                connection.commit()
                done += batch
        return done

    return Limit(
        "batched insert",
        _crowd(clients, work, seconds),
        f"c={clients}, {batch} orders a transaction, one CTE each",
    )


PLAN = """
with claimed as (select id from limits.orders where state = 'new' order by id limit %(batch)s for update skip locked),
wanted as (select l.id, l.order_id, l.sku, l.quantity, 1 + (l.order_id %% 5) as location from limits.lines l join claimed c on c.id = l.order_id),
keys as (select sku, location, sum(quantity) q from wanted group by 1, 2),
locked as (select s.sku, s.location from limits.stock s join keys using (sku, location) order by s.sku, s.location for update of s),
taken as (update limits.stock s set reserved = s.reserved + k.q from keys k, (select count(*) from locked) go
  where s.sku = k.sku and s.location = k.location and s.on_hand - s.reserved >= k.q returning 1),
made as (insert into limits.packages (order_id, location) select id, 1 + (id %% 5) from claimed returning order_id),
marked as (update limits.orders o set state = 'planned' from claimed c where o.id = c.id returning 1),
lined as (update limits.lines l set state = 'planned' from wanted w where l.id = w.id returning 1),
told as (insert into limits.outbox (order_id, payload) select order_id, %(payload)s from made returning 1)
select (select count(*) from made), (select count(*) from marked), (select count(*) from taken), (select count(*) from lined), (select count(*) from told)
"""


def planner(url: str, *, orders: int = 20_000, batch: int = 500, workers: int = 2) -> Limit:
    """Orders planned per second by a set-based planner without rules or records (denominator of P3)."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("truncate limits.orders, limits.lines, limits.outbox, limits.packages")
        connection.execute(
            "insert into limits.orders (number, body) select 'p' || n, %s from generate_series(1, %s) n",
            [BODY, orders],
        )
        connection.execute(
            "insert into limits.lines (order_id, sku, quantity) select id, 1 + (random() * (%s - 1))::int, 1 "
            "from limits.orders, generate_series(1, %s)", [STOCK_ROWS // 5, LINES]
        )  # fmt: skip
        connection.execute("analyze limits.orders")
        connection.execute("analyze limits.lines")

    def work(n: int, end: float) -> int:
        done = 0
        with psycopg.connect(url) as connection:
            while time.perf_counter() < end:
                row = connection.execute(PLAN, {"batch": batch, "payload": BODY}).fetchone()
                connection.commit()
                if row is None or row[0] == 0:
                    return done
                done += row[0]
        return done

    return Limit(
        "set-based planner", _crowd(workers, work, 120), f"batch {batch} x {workers} workers, {LINES} lines"
    )


def sign(secret: bytes, identifier: str, timestamp: str, body: bytes) -> str:
    """A Standard Webhooks signature, as the barest sender makes it."""
    return (
        "v1,"
        + base64.b64encode(
            hmac.new(secret, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        ).decode()
    )


async def _post(url: str, seconds: float, concurrency: int) -> float:
    import aiohttp

    body = json.dumps(
        {"event": {"type": "package.created", "uuid": "0" * 32}, "payload": {"text": "x" * 1600}}
    ).encode()
    end = time.perf_counter() + seconds
    done = 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:

        async def go(n: int) -> None:
            nonlocal done
            while time.perf_counter() < end:
                stamp, identifier = str(int(time.time())), f"msg_{n}_{done}"
                headers = {"webhook-id": identifier, "webhook-timestamp": stamp, "content-type": "application/json",
                           "webhook-signature": sign(b"secret", identifier, stamp, body)}  # fmt: skip
                async with session.post(url, data=body, headers=headers) as answer:
                    await answer.read()
                done += 1

        begun = time.perf_counter()
        await asyncio.gather(*(go(n) for n in range(concurrency)))
        return done / (time.perf_counter() - begun)


def signed_post(sink_url: str, *, seconds: float = 3.0, concurrency: int = 8) -> Limit:
    """Signed POSTs per second from one process with aiohttp to a minimal sink (denominator of P6)."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rate = runner.run(_post(sink_url, seconds, concurrency))
    return Limit("signed POST", rate, f"aiohttp, keep-alive, c={concurrency}, 1.7 kB")


def http_intake(
    database: str, port: int, *, seconds: float = 4.0, clients: int = 32, workers: int = 2
) -> Limit:
    """Orders per second over HTTP into the one-statement insert, nothing else (denominator of P1, P5, P7)."""
    environment = {**os.environ, "AMBAR_BENCH_DATABASE": database}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--workers", str(workers), "--port", str(port), "--no-ws",
               "--log-level", "error", "bench.bare:application"]  # fmt: skip
    with subprocess.Popen(
        command, env=environment, cwd=Path(__file__).parent.parent, start_new_session=True
    ) as server:
        try:
            load = LoadSpec(url=f"http://127.0.0.1:{port}/orders", clients=clients, seconds=seconds)
            wait_for(f"http://127.0.0.1:{port}/orders")
            rate, p95 = run_load(load)
        finally:
            server.terminate()
    return Limit("bare HTTP intake", rate, f"granian asgi x {workers}, c={clients}, p95 {p95 * 1000:.1f} ms")


@dataclass(frozen=True)
class LoadSpec:
    """A closed loop of POSTs against one address; every body is made by `body(n)`. `asks`: GETs, the body is their query."""

    url: str
    clients: int
    seconds: float
    headers: tuple[tuple[str, str], ...] = ()
    asks: bool = False


def wait_for(url: str, *, seconds: float = 20) -> None:
    """Returns when something answers at the address, whatever it says."""
    import urllib.error
    import urllib.request

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=1)  # noqa: S310
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers at {url}")


def run_load(spec: LoadSpec, body: Callable[[int], bytes] | None = None) -> tuple[float, float]:
    """(requests per second, p95 in seconds) of a closed loop; any answer that is not 2xx raises."""
    import aiohttp
    import uvloop
    import yarl

    make = body or (
        lambda n: json.dumps(
            {"number": f"h{n}-{time.time_ns()}", "skus": [n % 1999 + 1] * LINES, "body": BODY}
        ).encode()
    )

    async def go() -> tuple[float, float]:
        taken: list[float] = []
        end, counter = time.perf_counter() + spec.seconds, iter(range(10**9))
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=spec.clients), headers=dict(spec.headers)
        ) as session:

            async def one() -> None:
                while time.perf_counter() < end:
                    begun = time.perf_counter()
                    content = make(next(counter))
                    call = (
                        session.get(yarl.URL(f"{spec.url}?{content.decode()}", encoded=True))
                        if spec.asks
                        else session.post(spec.url, data=content)
                    )
                    async with call as answer:
                        text = await answer.read()
                        if answer.status >= 300:
                            raise RuntimeError(f"{answer.status}: {text[:300]!r}")
                    taken.append(time.perf_counter() - begun)

            begun = time.perf_counter()
            await asyncio.gather(*(one() for _ in range(spec.clients)))
            elapsed = time.perf_counter() - begun
        taken.sort()
        return len(taken) / elapsed, taken[int(len(taken) * 0.95)]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(go())

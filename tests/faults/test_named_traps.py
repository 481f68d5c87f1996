"""Traps 13, 21, 22 and 23, each with everything real: three systems, workers, PostgreSQL, HTTP.

All tests share one stage; orders pile up from test to test, and every proof reads all of them over the public APIs.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import dataclass

import httpx2
import pytest

from ambar.cli import systems
from ambar.cli.demo.floor import Floor
from ambar.cli.demo.proof import CANCELLED, DELIVERED, OUT_OF_STOCK
from ambar.cli.demo.traffic import Traffic
from ambar.cli.demo.world import SUPPLIERS
from ambar.omnitron.catalogue import sample
from tests.faults.proxy import Proxy
from tests.faults.watching import (
    LONG_SECONDS,
    Question,
    Sampler,
    assert_whole,
    children,
    family,
    proven,
    until,
)

pytestmark = pytest.mark.processes

SEED = 7
ORDERS = "/api/v1/oms/orders/"
PACKAGES = "/api/v1/oms/packages/short/"
HOOKS = "/api/v1/whisperer/hooks/"
OFFERED = "/api/v1/applications/oms/orders/"
HANDOVER = "/api/v1/applications/oms/handover/"
OUTAGE_SECONDS = 3.0
KILLS = 12
LOST_ANSWERS = 12


@pytest.fixture
def to_oms(ports):
    """A misbehaving network between a caller and the OMS."""
    one = Proxy(port=ports["to_oms"], target=(systems.LOOPBACK, ports["oms"])).start()
    yield one
    one.stop()


@pytest.fixture
def to_seller_center(stage, world, ports):
    """A misbehaving network between the OMS and the Seller Center; the OMS's hooks point at it meanwhile."""
    one = Proxy(port=ports["to_seller_center"], target=(systems.LOOPBACK, ports["seller_center"])).start()
    oms = stage.wire("oms")
    there = f"127.0.0.1:{ports['seller_center']}/"
    moved = [hook for hook in oms.get(HOOKS, limit=999)["results"] if there in hook["target_url"]]
    assert len(moved) == 9
    for hook in moved:
        oms.patch(
            f"{HOOKS}{hook['id']}/",
            {"target_url": hook["target_url"].replace(there, f"127.0.0.1:{one.port}/")},
        )
    yield one
    one.behave()
    for hook in moved:
        oms.patch(f"{HOOKS}{hook['id']}/", {"target_url": hook["target_url"]})
    one.stop()


def flow(stage, world, screen, *, orders, rate=40.0):
    """Traffic into the shop and a floor that walks the packages."""
    traffic = Traffic(stage.wire("omnitron"), world, seed=SEED, count=orders, rate=rate, on_error=screen.note)
    return traffic, Floor(stage.wire("oms"), on_error=screen.note)


def handover(stage):
    return stage.wire("seller_center", token=stage.tokens["seller_oms"]).get(HANDOVER)


def repeats(stage):
    return sum(row["repeats"] for row in handover(stage)["events"].values())


def orders_pushed_through(stage, world, screen, *, count):
    """Orders that the Seller Center offers and the OMS has not taken, while its worker is stopped."""
    placed, _ = flow(stage, world, screen, orders=count)
    before = {
        row["pk"]
        for row in stage.wire("seller_center", token=stage.tokens["seller_oms"]).get(OFFERED, limit=1000)[
            "results"
        ]
    }
    placed.start()
    placed._thread.join(LONG_SECONDS)
    center = stage.wire("seller_center", token=stage.tokens["seller_oms"])
    found: list[dict] = []

    def some() -> bool:
        found[:] = [row for row in center.get(OFFERED, limit=1000)["results"] if row["pk"] not in before]
        return len(found) >= 3

    until(some, "three new orders at the Seller Center")
    return placed.placed.numbers, found


class Stopped:
    """A process of the stage with all its children, stopped (not ended) as long as the block runs."""

    def __init__(self, stage, name):
        self.pid = stage.supervisor.processes()[name]

    def __enter__(self):
        os.killpg(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.killpg(self.pid, signal.SIGCONT)


def test_what_piled_up_while_the_seller_center_stood_still_takes_effect_once(stage, world, screen):
    """Trap 13: the Seller Center hangs while orders and commands go on at the OMS; then everything runs at once."""
    oms = stage.wire("oms")
    traffic, floor = flow(stage, world, screen, orders=30)
    traffic.start()

    def taken() -> bool:
        offered = handover(stage)["orders"]["offered"]
        planned = not any(oms.count(ORDERS, planning_state=state) for state in ("new", "planning", "pending"))
        return traffic.finished and offered > 0 and oms.count(ORDERS) == offered and planned

    until(taken, "the first orders taken and planned")
    until(lambda: oms.count("/api/v1/whisperer/hook_events/", delivered="false") == 0, "their packages told")
    more, _ = flow(stage, world, screen, orders=20)
    try:
        with Stopped(stage, "seller-center-web"):
            floor.start()
            more.start()

            def walked() -> bool:
                ends = (DELIVERED, OUT_OF_STOCK, CANCELLED)
                done = [oms.count(PACKAGES, state__enum_value=state) for state in ends]
                return more.finished and sum(done) == oms.count(PACKAGES)

            until(walked, "every package delivered while the Seller Center stands still")
            delivered = oms.count(PACKAGES, state__enum_value=DELIVERED)
            piled = oms.count("/api/v1/whisperer/hook_events/", delivered="false")
            assert piled >= 4 * delivered > 0
        proof = proven(stage, {**traffic.placed.numbers, **more.placed.numbers})
    finally:
        floor.stop()
    assert_whole(proof)
    assert (proof.orders, more.placed.orders) == (50, 20)
    assert proof.events_recorded > piled


def test_a_pushed_order_whose_answer_is_lost_is_taken_once(stage, world, screen, to_oms):
    """Trap 22: POST intake/orders/ commits, the answer is lost; the retry finds the same order and changes nothing."""
    oms = stage.wire("oms")
    headers = {"Authorization": f"Token {stage.tokens['oms']}"}
    url = f"http://127.0.0.1:{to_oms.port}/api/v1/oms/intake/orders/"
    with Stopped(stage, "oms-worker"), httpx2.Client(headers=headers, timeout=LONG_SECONDS) as client:
        numbers, offered = orders_pushed_through(stage, world, screen, count=12)
        first, second, third = offered[:3]
        known = oms.count(ORDERS)

        to_oms.misbehave("swallow", times=1)
        with pytest.raises(httpx2.TransportError):
            client.post(url, json=first)
        assert (to_oms.hit, oms.count(ORDERS)) == (1, known + 1)
        committed = oms.get(ORDERS, omnitron_id=first["pk"])["results"][0]["id"]
        again = [client.post(url, json=first).json() for _ in range(2)]
        assert [answer["counts"] for answer in again] == [{"unchanged": 1}] * 2
        assert [answer["verdicts"][0]["id"] for answer in again] == [committed] * 2

        to_oms.misbehave("reset", times=1)
        with pytest.raises(httpx2.TransportError):
            client.post(url, json=second)
        assert (to_oms.hit, oms.count(ORDERS, omnitron_id=second["pk"])) == (1, 0)
        to_oms.misbehave("latency", times=4, seconds=0.2)
        assert client.post(url, json=second).json()["counts"] == {"created": 1}

        to_oms.misbehave("black_hole", times=1)
        with pytest.raises(httpx2.TransportError):
            client.post(url, json=third, timeout=1)
        to_oms.behave()
        assert oms.count(ORDERS, omnitron_id=third["pk"]) == 0
        assert client.post(url, json=[first, third]).json()["counts"] == {"unchanged": 1, "created": 1}
        assert oms.count(ORDERS) == known + 3
    floor = Floor(oms, on_error=screen.note)
    floor.start()
    try:
        assert_whole(proven(stage, numbers))
    finally:
        floor.stop()


def test_a_command_whose_answer_is_lost_acts_once_and_answers_the_same(stage, world, screen, to_oms):
    """Trap 22: POST packages/{id}/command/ commits, the answer is lost; the retry with the same key replays it."""
    oms = stage.wire("oms")
    traffic, floor = flow(stage, world, screen, orders=12)
    traffic.start()
    until(
        lambda: traffic.finished and oms.count(PACKAGES, state__enum_value="100") >= 2, "two waiting packages"
    )
    one, two = (
        row["id"] for row in oms.get(PACKAGES, state__enum_value="100", limit=2, sort="id")["results"]
    )
    body = {"slug": "deallocate-reservations"}

    def log(package):
        return oms.count("/api/v1/oms/state-transition-logs/", object_id=package, content_type=26)

    def events(package):
        return oms.count("/api/v1/whisperer/hook_events/", object_id=package)

    before = [(log(package), events(package)) for package in (one, two)]
    headers = {"Authorization": f"Token {stage.tokens['oms']}"}
    with httpx2.Client(
        headers=headers, timeout=LONG_SECONDS, base_url=f"http://127.0.0.1:{to_oms.port}/api/v1/oms/packages"
    ) as client:
        to_oms.misbehave("swallow", times=1)
        with pytest.raises(httpx2.TransportError):
            client.post(f"/{one}/command/", json=body, headers={"Idempotency-Key": "lost-1"})
        assert oms.get(f"/api/v1/oms/packages/{one}/")["state"]["enum_value"] == "200"
        for _ in range(2):
            again = client.post(f"/{one}/command/", json=body, headers={"Idempotency-Key": "lost-1"})
            assert (again.status_code, again.content, again.headers["Idempotent-Replayed"]) == (
                204,
                b"",
                "true",
            )
        without = client.post(f"/{one}/command/", json=body)
        assert without.status_code == 400
        assert (
            client.post(f"/{two}/command/", json=body, headers={"Idempotency-Key": "lost-1"}).status_code
            == 204
        )

        to_oms.misbehave("reset", times=1)
        with pytest.raises(httpx2.TransportError):
            client.post(
                f"/{one}/command/",
                json={"slug": "complete-packaging-from-preparing"},
                headers={"Idempotency-Key": "lost-2"},
            )
        assert oms.get(f"/api/v1/oms/packages/{one}/")["state"]["enum_value"] == "200"
    for package, (logged, told) in zip((one, two), before, strict=True):
        assert log(package) == logged + 1
        assert told < events(package) <= told + 2
    floor.start()
    try:
        assert_whole(proven(stage, traffic.placed.numbers))
    finally:
        floor.stop()


def test_package_events_whose_answers_are_lost_are_applied_once(stage, world, screen, to_seller_center):
    """Trap 22: the Seller Center takes a package event and its answer is lost; the same uuid again changes nothing.

    Fewer answers are lost than packages are under way: a target that only fails would be left alone for a while.
    """
    before = repeats(stage)
    to_seller_center.misbehave("swallow", times=LOST_ANSWERS)
    traffic, floor = flow(stage, world, screen, orders=20)
    traffic.start()
    floor.start()
    try:
        until(lambda: traffic.finished and to_seller_center.hit == LOST_ANSWERS, "answers are lost")
        proof = proven(stage, traffic.placed.numbers)
        assert_whole(proof)
        assert repeats(stage) - before == LOST_ANSWERS
        to_seller_center.misbehave("reset", times=10)
        traffic, _ = flow(stage, world, screen, orders=8)
        traffic.start()
        until(lambda: traffic.finished and to_seller_center.hit == 10, "ten requests reset")
        assert_whole(proven(stage, traffic.placed.numbers))
    finally:
        floor.stop()


@dataclass(frozen=True)
class Outage:
    """PostgreSQL was down for certain between these moments, in monotonic seconds."""

    begun: float
    over: float

    def within(self, answers):
        """Those of the answers that were asked for and came while it was down."""
        return [one for one in answers if self.begun <= one.at and one.at + one.seconds < self.over]


def outage(stage, number, *, felt):
    """Ends PostgreSQL with this signal and keeps it down for a while, and until everything that was asked has felt it."""
    server = stage.supervisor._server
    old = server.process
    with stage.supervisor.hold("postgresql", ending=number):
        old.wait(LONG_SECONDS)
        begun = time.monotonic()
        time.sleep(OUTAGE_SECONDS)
        until(lambda: felt(Outage(begun, time.monotonic())), "the outage is felt by all that is asked")
        over = time.monotonic()
    until(lambda: server.process is not old, "PostgreSQL is started again")
    return Outage(begun, over)


def questions(stage, world):
    """What is asked during the outage: liveness, readiness, lists, and intake with orders that are there already."""
    center = stage.wire("seller_center", token=stage.tokens["seller_oms"])
    known = center.get(OFFERED, limit=1)["results"][0]
    asked = [
        Question(what=f"{name} {probe}", method="GET", url=f"{stage.url(name)}/{probe}")
        for name in stage.ports
        for probe in ("healthz", "readyz")
    ]
    asked += [
        Question(what="oms list", method="GET", url=f"{stage.url('oms')}{ORDERS}?limit=1", token=stage.tokens["oms"]),
        Question(what="oms intake", method="POST", url=f"{stage.url('oms')}/api/v1/oms/intake/orders/", token=stage.tokens["oms"], body=known),
        Question(what="omnitron list", method="GET", url=f"{stage.url('omnitron')}/api/v1/orders/?limit=1", token=stage.tokens["omnitron"]),
        Question(what="omnitron intake", method="POST", url=f"{stage.url('omnitron')}/api/v1/orders/bulk/", token=stage.tokens["omnitron"],
                 body={"orders": [first_order(world)]}),
    ]  # fmt: skip
    return asked


def first_order(world):
    """The very first order of the stream, which the shop has had since the first test."""
    from datetime import UTC, datetime

    order = next(
        iter(
            sample.orders(
                SEED,
                channel=world.channel,
                catalogue=world.goods,
                suppliers=SUPPLIERS,
                start=datetime.now(UTC),
            )
        )
    )
    order["date_placed"] = "2026-01-01T00:00:00Z"
    return order


def test_every_process_survives_the_database_restarting_under_load(stage, world, screen):
    """Trap 21: fast and immediate shutdown and kill -9 of PostgreSQL under load; every process reconnects by itself."""
    before = family(stage)
    screen.told.clear()
    traffic, floor = flow(stage, world, screen, orders=10_000, rate=3.0)
    traffic.start()
    floor.start()
    down: dict[str, Outage] = {}
    back: dict[str, float] = {}
    readiness = [f"{system} readyz" for system in stage.ports]
    try:
        with Sampler(questions(stage, world)) as sampler:

            def felt(while_down):
                return all(
                    any(answer.status == 503 for answer in while_down.within(sampler.since(0.0, what)))
                    for what in (*readiness, "oms intake", "omnitron intake")
                )

            until(lambda: traffic.placed.orders >= 5, "traffic flows")
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                down[number.name] = outage(stage, number, felt=felt)
                placed = traffic.placed.orders
                ready = [f"{stage.url(name)}/readyz" for name in stage.ports]
                back[number.name] = until(
                    lambda urls=ready: all(httpx2.get(url, timeout=10).status_code == 200 for url in urls),
                    "all ready again",
                )
                until(lambda p=placed: traffic.placed.orders > p, "orders are taken again")
    finally:
        traffic.stop()
    try:
        proof = proven(stage, traffic.placed.numbers)
    finally:
        floor.stop()
    print(
        f"ready again after seconds: { {name: round(took, 2) for name, took in back.items()} }; {len(sampler.answers)} answers"
    )
    answers = [
        answer for answer in sampler.answers if "healthz" not in answer.what and "readyz" not in answer.what
    ]
    assert [wrong for answer in answers if (wrong := answer.wrong())] == []
    for name, while_down in down.items():
        for what in readiness:
            told = {answer.status for answer in while_down.within(sampler.since(0.0, what))}
            assert told == {503}, f"{what} while PostgreSQL is down after {name}: {told}"
    assert {answer.status for answer in sampler.answers if "healthz" in answer.what} == {200}
    assert family(stage) == before
    assert [line for line in screen.told if "ended" in line and not line.startswith("PostgreSQL")] == []
    assert_whole(proof)


def test_kill_minus_nine_at_random_moments_loses_nothing(stage, world, screen):
    """Trap 23: twelve times a process is picked by the seed and killed at a moment picked by the seed, under traffic."""
    seed = int(os.environ.get("AMBAR_FAULT_SEED", "20260115"))
    dice = random.Random(seed)
    traffic, floor = flow(stage, world, screen, orders=100, rate=4.0)
    traffic.start()
    floor.start()
    killed: list[str] = []
    stop = threading.Event()
    try:
        while len(killed) < KILLS and not stop.wait(dice.uniform(1.0, 3.0)):
            running = sorted(stage.supervisor.processes().items())
            name, pid = dice.choice(running)
            inner = children(pid) if name.endswith("-web") and dice.random() < 0.5 else []
            victim = inner[0] if inner else pid
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it ended between the look and the kill
            killed.append(f"{name}{' (its worker)' if inner else ''}")
        print(f"AMBAR_FAULT_SEED={seed}: killed {killed}")
        until(lambda: traffic.finished, "all orders placed")
        proof = proven(stage, traffic.placed.numbers)
    finally:
        traffic.stop()
        floor.stop()
    assert len(killed) == KILLS
    assert traffic.placed.orders == 100
    assert_whole(proof)

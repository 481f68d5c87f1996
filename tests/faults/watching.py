"""What the fault tests look with: facts waited for with a deadline, process ids, answers sampled during an outage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from ambar.cli.demo import command
from ambar.cli.demo.proof import Proof, prove, settled
from ambar.cli.demo.stage import Stage
from ambar.cli.wire import Unexpected
from tests.worlds import waiting

LONG_SECONDS = 3 * waiting.LONG_SECONDS
"""Whole systems settle in many steps, some of which are pauses."""

LEAKS = (
    "psycopg",
    "postgres",
    "OperationalError",
    "Traceback",
    "server closed",
    "terminating connection",
    "libpq",
    "SELECT ",
    "/tmp/",
    "port 5432",
)


class Notes(command.Screen):
    """A screen that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(as_json=True)
        self.told: list[str] = []

    def line(self, text: str) -> None:
        self.told.append(text)

    note = line


def until(
    holds: Callable[[], bool], what: str, *, seconds: float = LONG_SECONDS, said: Callable[[], str] = str
) -> float:
    """Waits for a fact and gives the seconds it took; a refused or failed question counts as "not yet"."""
    begun = time.monotonic()
    while True:
        try:
            if holds():
                return time.monotonic() - begun
        except (Unexpected, httpx2.TransportError):
            pass
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"not within {seconds:.0f} s: {what} {said()}")
        time.sleep(0.05)


def under_way(stage: Stage) -> str:
    """What is not settled, for the message of a test that waited in vain."""
    oms, center = stage.wire("oms"), stage.wire("seller_center", token=stage.tokens["seller_oms"])
    said = center.get("/api/v1/applications/oms/handover/")
    waiting = oms.get("/api/v1/whisperer/hook_events/", delivered="false", limit=3)
    return str({
        "offered": said["orders"]["offered"], "orders": oms.count("/api/v1/oms/orders/"),
        "planning": {state: oms.count("/api/v1/oms/orders/", planning_state=state) for state in ("new", "planning", "pending", "hold")},
        "packages": {state: oms.count("/api/v1/oms/packages/short/", state__enum_value=state) for state in ("100", "200", "500", "600", "700", "920")},
        "undelivered": waiting["count"], "the first": waiting["results"], "inbox": {kind: row for kind, row in said["events"].items() if row["waiting"]},
        "processes": stage.supervisor.processes(),
    })  # fmt: skip


def proven(stage: Stage, placed: dict[str, float] | None = None) -> Proof:
    """The proof over all three systems once nothing is under way; statuses reach the shop last."""
    until(lambda: settled(stage), "everything settled", said=lambda: under_way(stage))
    end = time.monotonic() + LONG_SECONDS
    while True:
        proof = prove(stage, placed)
        if _whole(proof) or time.monotonic() > end:
            return proof
        time.sleep(0.2)


def _whole(proof: Proof) -> bool:
    """Whether nothing is to come: an answer of the other side may be known before it is written down here."""
    return (
        proof.holds
        and proof.packages == proof.settled_packages
        and proof.events_recorded == proof.events_delivered
    )


def assert_whole(proof: Proof) -> None:
    """Nothing lost, nothing twice, no disagreement, nothing set aside."""
    assert (proof.lost, proof.twice, proof.disagreements) == ([], [], [])
    assert proof.quarantined == proof.held == 0
    assert proof.packages == proof.settled_packages
    assert proof.events_recorded == proof.events_delivered


def children(pid: int) -> list[int]:
    """Process ids of the direct children, as the system has them now."""
    try:
        return sorted(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return []


def family(stage: Stage) -> dict[str, tuple[int, ...]]:
    """Name → process id and those of its children, for every process of ours but PostgreSQL."""
    return {
        name: (pid, *children(pid))
        for name, pid in stage.supervisor.processes().items()
        if name != "postgresql"
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One sampled answer; `status` 0 means that none came."""

    at: float
    what: str
    status: int
    seconds: float
    text: str
    retry_after: str | None
    is_json: bool

    def wrong(self) -> str | None:
        """Why this answer is none to give during an outage, or None."""
        leaks = [word for word in LEAKS if word.lower() in self.text.lower()]
        if leaks:
            return f"{self.what} leaks {leaks}: {self.text[:200]}"
        if self.status == 503:
            return (
                None
                if self.is_json and self.retry_after
                else f"{self.what}: 503 without JSON or Retry-After: {self.text[:200]}"
            )
        return (
            None
            if 200 <= self.status < 300
            else f"{self.what}: {self.status} after {self.seconds:.1f} s: {self.text[:200]}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request asked over and over: `what` names it in the findings."""

    what: str
    method: str
    url: str
    token: str | None = None
    body: Any = None


class Sampler:
    """Asks every question again and again, each in a thread of its own, and keeps all answers."""

    def __init__(self, questions: list[Question], *, pause: float = 0.1) -> None:
        self.answers: list[Answer] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(one, pause), daemon=True) for one in questions
        ]

    def __enter__(self) -> Sampler:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(LONG_SECONDS)

    def since(self, at: float, what: str) -> list[Answer]:
        """Answers to this question asked after `at` (monotonic seconds), oldest first."""
        return [answer for answer in self.answers if answer.what == what and answer.at >= at]

    def _ask(self, one: Question, pause: float) -> None:
        headers = {"Authorization": f"Token {one.token}"} if one.token else {}
        with httpx2.Client(timeout=LONG_SECONDS, headers=headers) as client:
            while not self._stop.wait(pause):
                at = time.monotonic()
                try:
                    got = (
                        client.request(one.method, one.url, json=one.body)
                        if one.body is not None
                        else client.request(one.method, one.url)
                    )
                    status, text, wait = got.status_code, got.text, got.headers.get("Retry-After")
                    is_json = got.headers.get("Content-Type", "").startswith("application/json")
                except httpx2.TransportError as error:
                    status, text, wait, is_json = 0, type(error).__name__, None, False
                self.answers.append(
                    Answer(
                        at=at,
                        what=one.what,
                        status=status,
                        seconds=time.monotonic() - at,
                        text=text,
                        retry_after=wait,
                        is_json=is_json,
                    )
                )

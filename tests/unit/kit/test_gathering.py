from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import pytest

from ambar.kit import admission
from ambar.kit.gathering import Gathering
from tests.worlds.waiting import LONG_SECONDS, until


class Counter:
    """Carries out calls; the first time it waits until it is let go, so that others come meanwhile."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.begun, self.go, self.waiting = Event(), Event(), Semaphore(0)
        self.gathering: Gathering[str, str, str] = Gathering(
            self.carry_out, apart=lambda call: [call[0]], before_waiting=self.waiting.release, most=3
        )

    def carry_out(self, group: str, calls: Sequence[str]) -> Sequence[str | Exception]:
        self.rounds.append(list(calls))
        if len(self.rounds) == 1:
            self.begun.set()
            self.go.wait(LONG_SECONDS)
        if "broken" in calls:
            raise OSError("gone")
        return [ValueError(call) if call.endswith("!") else f"{group}:{call}" for call in calls]

    def ask_all(self, *calls: str) -> list[str | BaseException]:
        """The first alone, the others while it is carried out."""

        def ask(call: str) -> str | BaseException:
            try:
                return self.gathering.ask("g", call)
            except Exception as error:
                return error

        with ThreadPoolExecutor(len(calls)) as threads:
            asked = [threads.submit(ask, calls[0])]
            assert self.begun.wait(LONG_SECONDS)
            for call in calls[1:]:
                asked.append(threads.submit(ask, call))
                assert self.waiting.acquire(timeout=LONG_SECONDS)
            self.go.set()
            return [one.result(LONG_SECONDS) for one in asked]


def test_who_comes_alone_is_carried_out_at_once():
    counter = Counter()
    counter.go.set()
    assert [counter.gathering.ask("g", call) for call in ("a", "b")] == ["g:a", "g:b"]
    assert counter.rounds == [["a"], ["b"]]
    assert not counter.waiting.acquire(blocking=False)


def test_who_comes_meanwhile_is_carried_out_together_and_has_an_answer_of_its_own():
    counter = Counter()
    answers = counter.ask_all("a", "b", "c!", "d")
    assert counter.rounds == [["a"], ["b", "c!", "d"]]
    assert [answers[0], answers[1], answers[3]] == ["g:a", "g:b", "g:d"]
    assert isinstance(answers[2], ValueError) and str(answers[2]) == "c!"


def test_calls_that_must_stay_apart_run_in_the_order_they_came_in():
    counter = Counter()
    answers = counter.ask_all("a", "b1", "b2", "c", "b3")
    assert counter.rounds == [["a"], ["b1", "c"], ["b2"], ["b3"]]
    assert answers == ["g:a", "g:b1", "g:b2", "g:c", "g:b3"]


def test_so_many_are_carried_out_together_and_no_more():
    counter = Counter()
    counter.ask_all("a", "b", "c", "d", "e")
    assert counter.rounds == [["a"], ["b", "c", "d"], ["e"]]


def test_groups_do_not_wait_for_each_other():
    counter = Counter()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(counter.gathering.ask, "g", "a")
        assert counter.begun.wait(LONG_SECONDS)
        assert counter.gathering.ask("h", "b") == "h:b"
        counter.go.set()
        assert first.result(LONG_SECONDS) == "g:a"


def test_what_fails_altogether_is_told_to_everybody_and_the_next_ones_go_on():
    counter = Counter()
    answers = counter.ask_all("a", "broken", "c")
    assert answers[0] == "g:a" and [type(answer) for answer in answers[1:]] == [OSError, OSError]
    with pytest.raises(OSError, match="gone"):
        counter.gathering.ask("g", "broken")
    assert counter.gathering.ask("g", "later") == "g:later"


class Body:
    """A call that can be watched going away."""

    def __getitem__(self, index: int) -> str:
        return "b"


def test_a_call_that_was_carried_out_is_let_go_of_without_the_collector() -> None:
    gathering: Gathering[str, Body, str] = Gathering(
        lambda group, calls: ["done" for _ in calls], apart=lambda call: [call[0]]
    )
    body = Body()
    watched = weakref.ref(body)
    gc.disable()
    try:
        assert gathering.ask("g", body) == "done"
        del body
        assert watched() is None
    finally:
        gc.enable()


def test_who_waits_for_another_to_carry_out_its_call_stands_aside_at_the_gate():
    gate, counter = admission.Gate(at_once=1, waiting=8, seconds=LONG_SECONDS), Counter()

    def second() -> str:
        assert gate.enter() is None
        admission.inside.gate = gate
        return counter.gathering.ask("g", "b")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(counter.gathering.ask, "g", "a")
        assert counter.begun.wait(LONG_SECONDS)
        asked = threads.submit(second)
        assert counter.waiting.acquire(timeout=LONG_SECONDS)
        until(lambda: not gate.in_work)
        assert (gate.in_work, gate.queued) == (0, 1)
        counter.go.set()
        assert (first.result(LONG_SECONDS), asked.result(LONG_SECONDS)) == ("g:a", "g:b")
    assert (gate.in_work, gate.queued) == (1, 0)

"""Who comes in, who waits, and who is told no at once."""

from __future__ import annotations

import threading

from ambar.kit import admission
from ambar.kit.admission import CALM_SECONDS, Gate
from tests.worlds.waiting import LONG_SECONDS, until


class Guests:
    """Threads that ask to come in; a clock that stands still unless moved."""

    def __init__(self, **given: float) -> None:
        self.now = 0.0
        asked = {"at_once": 1, "waiting": 2, "seconds": LONG_SECONDS} | given
        self.gate = Gate(**asked, clock=lambda: self.now)  # type: ignore[arg-type]
        self.came_in: list[str] = []
        self.threads: list[threading.Thread] = []

    def queue(self, name: str, *, first: bool = False) -> None:
        """Somebody who has to wait, and goes as soon as it has been in."""

        def go() -> None:
            assert self.gate.enter(first=first) is None
            self.came_in.append(name)
            self.gate.leave()

        before = self.gate.queued
        thread = threading.Thread(target=go, daemon=True)
        thread.start()
        self.threads.append(thread)
        until(lambda: self.gate.queued == before + 1)

    def all_gone(self) -> None:
        for thread in self.threads:
            thread.join(LONG_SECONDS)
        assert (self.gate.in_work, self.gate.queued) == (0, 0)


def test_whoever_finds_a_place_comes_in_and_the_rest_waits_in_turn() -> None:
    guests = Guests(at_once=2, waiting=3)
    assert [guests.gate.enter(), guests.gate.enter()] == [None, None]
    for name in "abc":
        guests.queue(name)
    assert (guests.gate.in_work, guests.gate.queued) == (2, 3)
    guests.gate.leave()
    until(lambda: guests.gate.queued == 0)
    guests.gate.leave()
    guests.all_gone()
    assert guests.came_in == ["a", "b", "c"]


def test_beyond_the_queue_the_answer_is_no_at_once() -> None:
    guests = Guests(at_once=1, waiting=1)
    assert guests.gate.enter() is None
    guests.queue("a")
    assert guests.gate.enter() == "full"
    assert (guests.gate.in_work, guests.gate.queued) == (1, 1), "the one refused left nothing behind"
    guests.gate.leave()
    guests.all_gone()


def test_whoever_waited_its_time_is_told_so_and_is_not_called_later() -> None:
    guests = Guests(seconds=0.01)
    assert guests.gate.enter() is None
    assert guests.gate.enter() == "late"
    assert guests.gate.queued == 0
    guests.gate.leave()
    assert guests.gate.in_work == 0
    assert guests.gate.enter() is None


def test_a_queue_that_ran_over_stays_short_until_nobody_was_refused_for_a_while() -> None:
    guests = Guests(at_once=2, waiting=4)
    assert [guests.gate.enter(), guests.gate.enter()] == [None, None]
    for name in "abcd":
        guests.queue(name)
    assert guests.gate.enter() == "full"
    guests.gate.leave()
    assert (guests.gate.in_work, guests.gate.queued) == (1, 4), "half as many are worked on at once"
    guests.gate.leave()  # each who comes in goes, and calls the next
    until(lambda: guests.gate.queued == guests.gate.in_work == 0)
    assert (guests.gate.enter(), guests.gate.tight) == (None, 1)
    guests.now += CALM_SECONDS / 2
    guests.queue("e")
    assert guests.gate.enter() == "full", "one may wait now, where four could before"
    guests.now += CALM_SECONDS / 2
    assert guests.gate.enter() == "full", "the calm begins anew with each who is refused"
    guests.now += CALM_SECONDS
    assert guests.gate.enter() is None, "two at once again"
    guests.queue("f")
    guests.queue("g")
    guests.gate.leave()
    until(lambda: guests.gate.queued == 0 and guests.gate.in_work == 1)
    guests.gate.leave()
    guests.all_gone()
    assert guests.came_in == ["a", "b", "c", "d", "e", "f", "g"]


def test_people_go_first_but_not_for_ever_and_have_places_of_their_own() -> None:
    guests = Guests(at_once=1, waiting=6)
    assert (guests.gate.enter(), guests.gate.kept) == (None, 1)
    for name in ("program 1", "program 2"):
        guests.queue(name)
    for n in range(4):
        guests.queue(f"person {n}", first=True)
    assert guests.gate.enter() == "full"
    guests.now += CALM_SECONDS * 2
    guests.queue("person 4", first=True)
    guests.gate.leave()
    guests.all_gone()
    expected = ["person 0", "person 1", "person 2", "program 1", "person 3", "person 4", "program 2"]
    assert guests.came_in == expected


def test_there_are_threads_for_whoever_is_refused() -> None:
    assert admission.threads(8, 32) == 8 + 32 + 4 + admission.SPARE


def test_who_steps_aside_lets_the_next_in_and_works_again_at_once() -> None:
    guests = Guests(at_once=1, waiting=8)
    assert guests.gate.enter() is None
    guests.queue("a")
    assert guests.gate.step_aside()
    until(lambda: guests.came_in == ["a"])
    assert guests.gate.enter() is None
    guests.gate.step_back()
    assert (guests.gate.in_work, guests.gate.queued) == (2, 0)
    guests.queue("b")
    guests.gate.leave()
    assert guests.gate.queued == 1, "one place is free only when both have left it"
    guests.gate.leave()
    guests.all_gone()


def test_who_stands_aside_takes_a_place_to_wait() -> None:
    guests = Guests(at_once=1, waiting=8)
    for _ in range(guests.gate.most_aside):
        assert guests.gate.enter() is None
        assert guests.gate.step_aside()
    assert guests.gate.enter() is None
    assert not guests.gate.step_aside(), "only so many"
    for name in "abcdef":
        guests.queue(name)
    assert guests.gate.enter() == "full"
    for _ in range(guests.gate.most_aside):
        guests.gate.step_back()
    guests.now += CALM_SECONDS
    assert guests.gate.enter() == "full", "those who came back still hold their threads"
    for _ in range(guests.gate.most_aside + 1):
        guests.gate.leave()
    guests.all_gone()


def test_nobody_steps_aside_while_it_runs_over() -> None:
    guests = Guests(at_once=2, waiting=8)
    guests.gate.enter()
    guests.gate._no("full")
    assert not guests.gate.step_aside()
    guests.now += CALM_SECONDS
    assert guests.gate.step_aside()


def test_without_a_gate_standing_aside_makes_no_difference() -> None:
    guests = Guests(at_once=1, waiting=8)
    guests.gate.enter()
    with admission.aside():
        assert guests.gate.in_work == 1
    admission.inside.gate = guests.gate
    try:
        with admission.aside():
            assert (guests.gate.in_work, guests.gate.queued) == (0, 1)
        assert (guests.gate.in_work, guests.gate.queued) == (1, 0)
    finally:
        admission.inside.gate = None

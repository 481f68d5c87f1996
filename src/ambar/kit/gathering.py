"""Calls of one kind that come while others are carried out wait, and are then carried out together.

Nobody waits for company: who comes alone is carried out at once. The busier it gets, the more calls share what each
would otherwise pay for itself (statements, locks, a commit). For threads of one process.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Event, Lock
from typing import Generic, TypeVar

from . import admission

Group = TypeVar("Group", bound=Hashable)
Call = TypeVar("Call")
Answer = TypeVar("Answer")
Made = TypeVar("Made")
Further = TypeVar("Further")


class _Place(Generic[Call, Answer]):
    """One caller: told its answer, or told to carry out `mine`, its own call first."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.told = Event()
        self.mine: list[_Place[Call, Answer]] = []
        self.outcome: Answer | BaseException | None = None


class Gathering(Generic[Group, Call, Answer]):
    """`carry_out(group, calls)` answers each call in their order; an answer that is an exception is raised for its caller.

    :param apart: what two calls carried out together must not have in common; of such calls the later one waits.
    :param before_waiting: called by whoever has to wait, to let go of what the others need.
    :param most: calls that are carried out together.
    """

    def __init__(
        self,
        carry_out: Callable[[Group, Sequence[Call]], Sequence[Answer | Exception]],
        *,
        apart: Callable[[Call], Sequence[Hashable]],
        before_waiting: Callable[[], None] = lambda: None,
        most: int = 50,
    ) -> None:
        self._carry_out, self._apart, self._before_waiting, self._most = (
            carry_out,
            apart,
            before_waiting,
            most,
        )
        self._lock = Lock()
        self._waiting: dict[Group, list[_Place[Call, Answer]]] = {}

    def ask(self, group: Group, call: Call) -> Answer:
        """The answer to this call, carried out with others of its group or alone."""
        place: _Place[Call, Answer] = _Place(call)
        with self._lock:
            waiting = self._waiting.get(group)
            if waiting is None:
                self._waiting[group] = []
                place.mine = [place]
            else:
                waiting.append(place)
        if not place.mine:
            self._before_waiting()
            with admission.aside():
                place.told.wait()
        # Taken out of the place, which is among them: a circle would keep every call until the collector comes by.
        mine, place.mine = place.mine, []
        if mine:
            self._lead(group, mine)
        if isinstance(place.outcome, BaseException):
            raise place.outcome
        return place.outcome  # type: ignore[return-value]

    def ask_all(self, group: Group, calls: Sequence[Call]) -> list[Answer | Exception]:
        """The answers to these calls, in their order; those that must be apart are carried out one after the other."""
        answers: dict[int, Answer | Exception] = {}
        left = list(range(len(calls)))
        while left:
            taken, now, later = set[Hashable](), list[int](), list[int]()
            for place in left:
                marks = self._apart(calls[place])
                (now if len(now) < self._most and taken.isdisjoint(marks) else later).append(place)
                taken.update(marks)
            answers.update(zip(now, self._carry_out(group, [calls[place] for place in now]), strict=True))
            left = later
        return [answers[place] for place in range(len(calls))]

    def _lead(self, group: Group, places: list[_Place[Call, Answer]]) -> None:
        outcomes: Sequence[Answer | BaseException]
        try:
            outcomes = self._carry_out(group, [place.call for place in places])
        except BaseException as error:
            outcomes = [error] * len(places)
        self._hand_on(group)
        for place, outcome in zip(places, outcomes, strict=True):
            place.outcome = outcome
            place.told.set()

    def _hand_on(self, group: Group) -> None:
        """The first of those who wait carries out the next ones."""
        with self._lock:
            waiting = self._waiting[group]
            if not waiting:
                del self._waiting[group]
                return
            mine: list[_Place[Call, Answer]] = []
            left: list[_Place[Call, Answer]] = []
            taken = set[Hashable]()
            for place in waiting:
                marks = self._apart(place.call)
                if len(mine) == self._most or not taken.isdisjoint(marks):
                    left.append(place)
                else:
                    mine.append(place)
                taken.update(marks)
            self._waiting[group] = left
        mine[0].mine = mine
        mine[0].told.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Generic[Group, Call, Answer, Made]):
    """A call that has been read and is left to be asked, alone or with others of its group.

    :param make: what is made of its answer.
    """

    by: Gathering[Group, Call, Answer]
    group: Group
    call: Call
    make: Callable[[Answer], Made]

    def then(self, further: Callable[[Made], Further]) -> Left[Group, Call, Answer, Further]:
        """The same call, with more made of its answer."""
        make = self.make
        return Left(by=self.by, group=self.group, call=self.call, make=lambda answer: further(make(answer)))

    def asked(self) -> Made:
        """What is made of its answer, asked alone."""
        return self.make(self.by.ask(self.group, self.call))

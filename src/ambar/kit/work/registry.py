"""What there is to run: filled while the rooms get ready, read by the worker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Drain = Callable[[], int]
Target = Callable[[threading.Event], None]
Act = TypeVar("Act", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A hot loop: `drain()` does one batch and returns how many rows; 0 = nothing due.

    :param idle_seconds: how long to wait for a wake-up before looking again.
    :param busy_seconds: pause between batches while there is work.
    :param workers: how many threads drain it side by side (its rows are taken with SKIP LOCKED).
    """

    name: str
    drain: Drain
    idle_seconds: float
    busy_seconds: float
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A named act run by Procrastinate; periodic when `every` (seconds) is set."""

    name: str
    run: Callable[..., Any]
    every: int | None
    retries: int


_loops: dict[str, Loop] = {}
_threads: dict[str, Target] = {}
_jobs: dict[str, Job] = {}
_on_job: list[Callable[[Job], None]] = []


def loop(
    name: str, drain: Drain, *, idle_seconds: float = 1.0, busy_seconds: float = 0.0, workers: int = 1
) -> Loop:
    """Registers a hot loop; `work.wake(name)` makes it look at once."""
    made = Loop(name=name, drain=drain, idle_seconds=idle_seconds, busy_seconds=busy_seconds, workers=workers)
    _once(_loops, name, made)
    return made


def thread(name: str, target: Target) -> None:
    """Registers a loop of its own making: `target(stop)` runs until `stop` is set; started again if it falls."""
    _once(_threads, name, target)


def job(name: str, every: int | None = None, *, retries: int = 0) -> Callable[[Act], Act]:
    """Registers a job; with `every` (seconds: a divisor of a minute, an hour or a day) it runs periodically."""

    def mark(run: Act) -> Act:
        made = Job(name=name, run=run, every=every, retries=retries)
        _once(_jobs, name, made)
        for told in _on_job:
            told(made)
        return run

    return mark


def _once(known: dict[str, Any], name: str, made: Any) -> None:
    if name in known:
        raise ValueError(f"{name} is already registered")
    known[name] = made


def loops() -> dict[str, Loop]:
    """All registered loops by name."""
    return dict(_loops)


def threads() -> dict[str, Target]:
    """All registered threads by name."""
    return dict(_threads)


def jobs() -> dict[str, Job]:
    """All registered jobs by name."""
    return dict(_jobs)


def run_loop(name: str, *, most: int = 10_000) -> int:
    """Drains one loop in this thread until nothing is due; returns the rows done. For commands and tests."""
    done = 0
    for _ in range(most):
        rows = _loops[name].drain()
        if not rows:
            return done
        done += rows
    raise RuntimeError(f"{name} was still not idle after {most} batches")


def drain_all(*, most: int = 1_000) -> dict[str, int]:
    """Drains every loop, again and again, until all are idle; returns the rows per loop. For commands and tests."""
    totals = dict.fromkeys(_loops, 0)
    for _ in range(most):
        before = sum(totals.values())
        for name in _loops:
            totals[name] += run_loop(name)
        if sum(totals.values()) == before:
            return totals
    raise RuntimeError("the loops feed each other without end")

"""Python's cyclic garbage collector and the C library's free memory, for processes that live long and make many short-lived objects.

A collection walks everything the process holds. What start-up made (modules, models, schemas) never goes away, so it is taken out of
the walk; and what a batch makes is mostly gone by itself before it would be looked for, so it is looked for more rarely.
Source: Python, `gc.freeze` and `gc.set_threshold`; `docs/decisions/0049-garbage.md`.
"""

from __future__ import annotations

import ctypes
import gc

YOUNG = 50_000
"""How many more objects made than gone start a collection; some ten megabytes at most."""
OLDER = 20


def settle() -> None:
    """Call once, when start-up is over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""Of glibc; other C libraries have none, and keep what they keep."""


def give_back() -> None:
    """Gives free pages in the middle of the heap back to the system, in a few milliseconds and without holding up other threads' Python.

    Left alone glibc gives back only what is free at the heap's end, and one small object that stays keeps a whole burst's heap.
    Source: `malloc_trim(3)`; `docs/decisions/0087-what-a-process-holds.md`.
    """
    if _trim is not None:
        _trim(0)

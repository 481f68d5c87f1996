"""Python's cyclic garbage collector, for processes that live long and make many short-lived objects.

A collection walks everything the process holds. What start-up made (modules, models, schemas) never goes away, so it is taken out of
the walk; and what a batch makes is mostly gone by itself before it would be looked for, so it is looked for more rarely.
Source: Python, `gc.freeze` and `gc.set_threshold`; `docs/decisions/0049-garbage.md`.
"""

from __future__ import annotations

import gc

YOUNG = 50_000
"""How many more objects made than gone start a collection; some ten megabytes at most."""
OLDER = 20


def settle() -> None:
    """Call once, when start-up is over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)

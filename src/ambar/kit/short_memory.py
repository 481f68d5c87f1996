"""Answers a process may repeat for a second: what every request asks and hardly ever changes."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 1.0
"""So long another process may act on what has just been changed."""
MOST = 1000


class Remembered(Generic[P, T]):
    """A read whose answers are kept for :data:`SECONDS`. Arguments must be hashable, answers are shared: never change them.

    Nothing read inside a transaction is kept, since it may be rolled back.
    """

    def __init__(self, read: Callable[P, T]) -> None:
        self.read = read
        self._known: dict[Any, tuple[float, T]] = {}
        functools.update_wrapper(self, read)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return self.read(*args, **kwargs)
        key = (args, tuple(sorted(kwargs.items())))
        known = self._known.get(key)
        now = time.monotonic()
        if known is not None and now < known[0]:
            return known[1]
        found = self.read(*args, **kwargs)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = now + SECONDS, found
        return found

    def forget(self) -> None:
        """Reads anew from now on, in this process: told by whoever changes what is read."""
        self._known.clear()


def remembered(read: Callable[P, T]) -> Remembered[P, T]:
    """Marks a read as :class:`Remembered`."""
    return Remembered(read)

"""How the allocators of a server's process are told to be thrifty: environment variables, read before the first line of Python.

A server has one thread for everybody who waits, most of them idle. What an allocator keeps for each of them by itself is worth
it for a thread that works all the time: here it was 40 MB after a burst. Three allocators share a process: Python's for small
objects, glibc's for larger ones and for libraries in C, and jemalloc, which is part of granian.
Source: `docs/decisions/0094-allocators.md`; mallopt(3), GNU C Library "Memory Allocation Tunables", jemalloc(3) "TUNING".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

KEPT_BY_THREADS = "glibc.malloc.tcache_count=2"
"""Free chunks of a size that a thread keeps for itself: two instead of seven, of 64 sizes."""

GRANIAN = "narenas:1,tcache:false,dirty_decay_ms:1000,muzzy_decay_ms:0"
"""Bodies of requests: one heap instead of four a core, nothing kept by a thread, free pages given back within a second instead of ten."""


def thrifty(environment: Mapping[str, str]) -> dict[str, str]:
    """What is added to a server's environment.

    Threads share their heap, and what a large request needed is given back. Tracebacks name the line, not the columns.

    :param environment: the present one; tunables of glibc that somebody set for something else stay.
    """
    tunables = [one for one in (environment.get("GLIBC_TUNABLES"), KEPT_BY_THREADS) if one]
    return {
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "GLIBC_TUNABLES": ":".join(tunables),
        "_RJEM_MALLOC_CONF": GRANIAN,
        "PYTHONNODEBUGRANGES": "1",
    }


def begin() -> None:
    """Starts this process anew, as it was called, with what its allocators read before the first line of Python.

    Does nothing where somebody has seen to granian's: a supervisor, an operator, or the call before.
    """
    if "_RJEM_MALLOC_CONF" not in os.environ:
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **thrifty(os.environ)})  # noqa: S606  itself

"""Who holds a lease: a process on a machine, recognisable after its death.

A worker that starts again may free the leases of dead processes of its own machine at once instead of waiting
for them to run out. Alive means: same pid namespace, same pid, same start time.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterable
from pathlib import Path

from ambar.kit.text import is_digits

_engines = itertools.count(1)

ESCAPE = str.maketrans({"%": "-", "_": "-", ":": "-"})


def machine() -> str:
    """Host name and pid namespace: where a pid means the same thing."""
    try:
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        namespace = 0
    return f"{socket.gethostname().translate(ESCAPE)[:60]}:{namespace}"


def me() -> str:
    """A new name of this process as lease holder: one per engine in it."""
    return f"{machine()}:{os.getpid()}:{started(os.getpid())}.{next(_engines)}"


def started(pid: int) -> str:
    """The start time of a living process in clock ticks, or an empty text when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def dead(holders: Iterable[str]) -> list[str]:
    """Those of this machine's holders whose process is gone."""
    here = machine()
    gone = []
    for holder in holders:
        place, _, rest = holder.rpartition(":")[0].rpartition(":")
        start = holder.rpartition(":")[2].partition(".")[0]
        if place == here and is_digits(rest) and started(int(rest)) != start:
            gone.append(holder)
    return gone

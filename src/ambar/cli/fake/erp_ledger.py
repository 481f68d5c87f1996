"""The books of the made-up ERP: what it invoiced, and what becomes of each question."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

FINE, BUSY, REFUSED, GARBLED, LOST = "fine", "busy", "refused", "garbled", "lost"
FAILURES = (BUSY, REFUSED, GARBLED, LOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One invoice or bill, under the key it was asked with."""

    kind: str
    key: str
    number: str
    package_number: str
    at: datetime


@dataclass(slots=True)
class Ledger:
    """`failures`: share of tries that fail; `slow`: share of tries that take `slow_seconds`; both decided by `seed`.

    A failure is one of: busy (503), refused (422), garbled (no JSON), lost (the invoice is made, the answer is not sent).
    The same key never makes a second invoice.
    """

    seed: int = 1
    failures: float = 0.0
    slow: float = 0.0
    slow_seconds: float = 2.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    entries: dict[str, Entry] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fate(self, package_number: str) -> tuple[str, float]:
        """What becomes of the next try for a package, and how long it takes; the same seed and tries, the same fates."""
        with self.lock:
            tried = self.tries[package_number] = self.tries.get(package_number, 0) + 1
        dice = random.Random(f"{self.seed} {package_number} {tried}")  # noqa: S311  nothing secret about it
        fate = dice.choice(FAILURES) if dice.random() < self.failures else FINE
        return fate, self.slow_seconds if dice.random() < self.slow else 0.0

    def enter(self, kind: str, key: str, package_number: str, number: str = "") -> Entry:
        """The invoice under this key: the one that is there, or a new one; `number` is the caller's own."""
        with self.lock:
            if key not in self.entries:
                made = (
                    number
                    or f"{'BIL' if kind == 'bill' else 'ERP'}{self.now().year}{len(self.entries) + 1:09}"
                )
                self.entries[key] = Entry(
                    kind=kind, key=key, number=made, package_number=package_number, at=self.now()
                )
            return self.entries[key]

"""What a fake was sent: every call, and what became of it. Nothing secret is kept."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST = 100_000
"""Calls kept one by one; beyond it only the counts grow."""


@dataclass(slots=True)
class Calls:
    """Calls in the order they came. Safe between threads."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def came(self, method: str, path: str, query: str) -> dict[str, Any]:
        """Note a call; what is known later (`status`, `fault`) is written into the row that is returned."""
        with self.lock:
            self.counts[f"{method} {path}"] += 1
            number = sum(self.counts.values())
            row: dict[str, Any] = {"number": number, "method": method, "path": path, "query": query, "status": None, "fault": None}  # fmt: skip
            if len(self.rows) < MOST:
                self.rows.append(row)
        return row

    def failed(self, row: dict[str, Any], fault: str) -> None:
        """Note that a fault was done to a call."""
        with self.lock:
            row["fault"] = fault
            self.faults[fault] += 1

    def forget(self) -> None:
        """Begin anew."""
        with self.lock:
            self.rows.clear()
            self.counts.clear()
            self.faults.clear()

    def told(self) -> dict[str, Any]:
        """Calls per method and path, faults per name, and the calls themselves."""
        with self.lock:
            return {"counts": dict(self.counts), "faults": dict(self.faults), "calls": list(self.rows)}

"""The parcels of the simulated carrier, in memory, and in a file when one is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ambar.carrier.domain.fate import BACK, DELETED, SECOND_TRY, SHIPPING, WORDS, Fate, fate, tracking_number


class Refused(Exception):
    """What the carrier does not do: HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True)
class Book:
    """`day_seconds`: how long a carrier's day lasts; `failures`: parcels may be refused at first; `all_arrive`: none comes
    back; `now` is the clock."""

    seed: int = 1
    day_seconds: float = 86_400.0
    failures: bool = True
    all_arrive: bool = False
    file: Path | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    parcels: dict[str, dict[str, Any]] = field(default_factory=dict)
    addresses: dict[str, dict[str, Any]] = field(default_factory=dict)
    returns: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            kept = json.loads(self.file.read_text())
            self.parcels, self.addresses, self.returns = kept["parcels"], kept["addresses"], kept["returns"]

    def save(self) -> None:
        """Write the file, whole or not at all."""
        if self.file is not None:
            kept = {"parcels": self.parcels, "addresses": self.addresses, "returns": self.returns}
            fresh = self.file.with_suffix(".new")
            fresh.write_text(json.dumps(kept, ensure_ascii=False))
            fresh.replace(self.file)

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take a parcel; the same `shipmentId` again is the same parcel. Raises `Refused`."""
        reference = body.get("shipmentId")
        destination = body.get("destination")
        if not isinstance(reference, str) or not reference:
            raise Refused(400, "shipmentId is required")
        if not isinstance(destination, dict) or not destination.get("addressLine"):
            raise Refused(422, "destination.addressLine is required")
        with self.lock:
            if reference not in self.parcels:
                told = self.refused.get(reference, 0)
                if self.failures and told < self._fate(reference).refusals:
                    self.refused[reference] = told + 1
                    raise Refused(503, "the branch is not reachable")
                self.parcels[reference] = {"body": body, "at": self.now().isoformat(), "deleted": None}
                self.save()
            return self.told(reference)

    def withdraw(self, reference: str) -> None:
        """Delete a parcel that was not received yet. Raises `Refused`."""
        with self.lock:
            story = self.story(reference)
            if any(status == SHIPPING for _, status in story):
                raise Refused(409, "the parcel is on its way")
            self.parcels[reference]["deleted"] = self.now().isoformat()
            self.save()

    def story(self, reference: str) -> list[tuple[datetime, str]]:
        """(time, status) so far, in the order of time. Raises `Refused` for an unknown parcel."""
        parcel = self.parcels.get(reference)
        if parcel is None:
            raise Refused(404, "no such shipment")
        start = datetime.fromisoformat(parcel["at"])
        until = datetime.fromisoformat(parcel["deleted"]) if parcel["deleted"] else self.now()
        plan = self._fate(reference).plan
        told = [(start + timedelta(seconds=days * self.day_seconds), status) for days, status in plan]
        told = [(at, status) for at, status in told if at <= until]
        return [*told, (until, DELETED)] if parcel["deleted"] else told

    def told(self, reference: str) -> dict[str, Any]:
        """The parcel as answered; a garbled history is told backwards and with its first entry twice."""
        story, mine = self.story(reference), self._fate(reference)
        number = tracking_number(reference, self.seed)
        numbers = [number]
        if mine.second_number and any(status == SHIPPING for _, status in story):
            numbers.append(tracking_number(reference, self.seed, which=2))
        shown = [*reversed(story), story[0]] if mine.garbled else story
        return {
            "shipmentId": reference,
            "status": story[-1][1],
            "trackingNumber": numbers[-1],
            "trackingNumbers": numbers,
            "queryNumber": f"Q{number}",
            "trackingUrl": f"https://kargo.example/takip/{number}",
            "history": [
                {"status": status, "date": at.isoformat(), "description": WORDS[status]}
                for at, status in shown
            ],
        }

    def _fate(self, reference: str) -> Fate:
        found = fate(reference, self.seed)
        return replace(found, plan=SECOND_TRY) if self.all_arrive and found.plan == BACK else found

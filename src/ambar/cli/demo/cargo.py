"""The demo's cargo company: the simulated carrier in this process, with days that last a blink, connected to the OMS."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

from ambar.carrier.book import Book
from ambar.carrier.server import Running
from ambar.cli.wire import Wire

CODE, NAME = "ambar-kargo", "Ambar Kargo"
USER, PASSWORD = "ambar", "carrier-demo"  # noqa: S105  of demo data only
DAY_SECONDS = 0.25
TAKES = 12
"""One package in so many is handed to the carrier, told by its number, so a repeated demo hands over the same."""
CARRIERS = "/api/v1/oms/carriers/"


class Cargo:
    """Takes parcels at `port` until `close()`; they are kept in `home`, so a later start knows them."""

    def __init__(self, home: Path, *, port: int) -> None:
        home.mkdir(parents=True, exist_ok=True)
        book = Book(day_seconds=DAY_SECONDS, failures=False, all_arrive=True, file=home / "carrier.json")
        self._running = Running(book, username=USER, password=PASSWORD, port=port)

    def connect(self, oms: Wire) -> str:
        """Make it known to the OMS, or tell the address it has today; a line about it."""
        wanted = {"base_url": self._running.url, "username": USER, "password": PASSWORD, "poll_seconds": 1}
        known = next((row for row in oms.rows(CARRIERS) if row["code"] == CODE), None)
        if known is None:
            oms.post(CARRIERS, {"code": CODE, "name": NAME, **wanted})
        elif known["base_url"] != wanted["base_url"]:
            oms.patch(f"{CARRIERS}{known['id']}/", wanted)
        return f"{NAME} takes parcels at {self._running.url}"

    def close(self) -> None:
        """Stop answering."""
        self._running.close()


def takes(number: str) -> bool:
    """Whether the package of this number goes with the carrier."""
    return crc32(number.encode()) % TAKES == 1

"""A simulated warehouse floor: takes packages from Waiting to Delivered with the commands people use, over the API.

Goods that a package waits for are sent and received; every so often a store refuses a package, which is planned anew, and
some packages are handed to the carrier, who ships and delivers them: the floor only packs those.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any
from zlib import crc32

from ambar.cli.demo import cargo
from ambar.cli.demo.rules import denial_reason
from ambar.cli.wire import Unexpected, Wire

STEPS = (
    ("100", "deallocate-reservations"),
    ("200", "complete-packaging-from-preparing"),
    ("500", "shipment-order"),
    ("600", "delivered-from-shipped"),
)
"""Package state and the slug of the transition that takes it on."""
TRANSFER_STEPS = (("waiting", "transfer-dispatch-from-waiting"), ("in_transit", "transfer-delivered"))
"""Transfer state and the slug of the transition that takes it on."""
REFUSED, REFUSES = "refuse-from-waiting", 25
"""Slug of the refusal; one package in so many is refused, told by its number, so a repeated demo refuses the same."""
HANDED_OVER = "complete-packaging-with-shipment-from-preparing"
"""Slug of the packing that makes a parcel for the carrier."""
AT_ONCE = 200
IDLE_SECONDS, FEW = 0.15, 50
"""Pause of a floor that has nothing to do, or moved few packages while new ones come in: the next ones then go together."""
TRANSFERS_SECONDS = 0.5
"""Goods on their way between stores are few: where none moved, they are looked for again after so long."""


class Floor:
    """Works until told to stop; every call is repeatable, so a restarted OMS costs nothing but time.

    A verdict that refuses because the package has moved on already is what a repeated call looks like.
    """

    def __init__(self, wire: Wire, on_error: Callable[[str], None], *, with_carrier: bool = False) -> None:
        self.wire, self.on_error, self.with_carrier = wire, on_error, with_carrier
        slugs = [slug for _, slug in (*STEPS, *TRANSFER_STEPS)]
        self.done = dict.fromkeys([*slugs, REFUSED, HANDED_OVER], 0)
        self._reason: int | None = None
        self._transfers_at = 0.0
        self._new_ones = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="floor", daemon=True)
        self._calls = itertools.count()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the call under way."""
        self._stop.set()
        self._thread.join(60)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                moved = self._transfers() + self._packages()
            except Unexpected as error:
                self.on_error(str(error))
                moved = 0
            if self._may_rest(moved):
                self._stop.wait(IDLE_SECONDS)

    def _may_rest(self, moved: int) -> bool:
        return not moved or (self._new_ones and moved < FEW)

    def _packages(self) -> int:
        """Every package that may go on goes one step."""
        rows = self._under_way("packages/short", STEPS)
        self._new_ones = STEPS[0][0] in rows
        return sum(self._step(state, slug, rows.get(state, [])) for state, slug in STEPS)

    def _transfers(self) -> int:
        if time.monotonic() < self._transfers_at:
            return 0
        rows = self._under_way("transfer_orders/minimal", TRANSFER_STEPS)
        moved = sum(
            self._run("transfer_orders", slug, [row["id"] for row in rows.get(state, [])])
            for state, slug in TRANSFER_STEPS
        )
        self._transfers_at = 0.0 if moved else time.monotonic() + TRANSFERS_SECONDS
        return moved

    def _under_way(self, path: str, steps: tuple[tuple[str, str], ...]) -> dict[str, list[dict[str, Any]]]:
        """The oldest rows of each state in which there is something to do, asked for at once; few of each."""
        states = ",".join(state for state, _ in steps)
        found: dict[str, list[dict[str, Any]]] = {}
        page = self.wire.get(
            f"/api/v1/oms/{path}/", state__enum_value=states, limit=AT_ONCE * len(steps), sort="id"
        )
        for row in page["results"]:
            found.setdefault(str(row["state"]), []).append(row)
        return {state: rows[:AT_ONCE] for state, rows in found.items()}

    def _step(self, state: str, slug: str, rows: list[dict[str, Any]]) -> int:
        if not rows:
            return 0
        refused = [row["id"] for row in rows if state == "100" and _refuses(str(row["number"]))]
        carried = [row["id"] for row in rows if state != "100" and self._is_carried(str(row["number"]))]
        others = {*refused, *carried}
        packages = [self._parameters(row, slug) for row in rows if row["id"] not in others]
        moved = self._run("packages", slug, packages) + self._refuse(refused)
        return moved + (self._hand_over(carried) if state == "200" else 0)

    def _is_carried(self, number: str) -> bool:
        return self.with_carrier and cargo.takes(number)

    def _hand_over(self, packages: list[object]) -> int:
        return self._run("packages", HANDED_OVER, packages, parameters={"shipping_company": cargo.CODE})

    def _refuse(self, packages: list[object]) -> int:
        if packages and self._reason is None:
            self._reason = denial_reason(self.wire)
        return self._run("packages", REFUSED, packages, parameters={"denial_reason": self._reason})

    def _run(self, kind: str, slug: str, rows: list[object], **extra: object) -> int:
        if not rows:
            return 0
        name = "transfers" if kind == "transfer_orders" else kind
        answer = self.wire.post(f"/api/v1/oms/{kind}/bulk-command/", {"slug": slug, name: rows, **extra})
        self.done[slug] += answer["done"]
        return int(answer["done"])

    def _parameters(self, row: dict[str, object], slug: str) -> object:
        if slug != "shipment-order":
            return row["id"]
        return {"package": row["id"], "tracking_number": f"TR{row['id']:09d}", "shipping_company": "yurtici"}


def _refuses(number: str) -> bool:
    return crc32(number.encode()) % REFUSES == 0

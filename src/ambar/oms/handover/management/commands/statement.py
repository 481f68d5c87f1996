"""`ambar oms statement`: the closing statement of a day."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.oms.handover import schemas
from ambar.oms.handover.actions import close_day

SHOWN = 50
"""So many repairs are told one by one; `--json` lists more."""


class Command(BaseCommand):
    """Exit code 0 when nothing is missing and nothing was applied twice, 1 when something is, 2 when that can't be known."""

    help = "Draw the closing statement of a day up: orders in, events out, missing, twice, repaired."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", help="The day (UTC), as 2026-01-15; today without it.")
        parser.add_argument(
            "--no-compare",
            action="store_true",
            help="Take the differences of the latest comparison instead of making one.",
        )
        parser.add_argument("--json", action="store_true", help="Machine-readable output, one JSON document.")

    def handle(self, *args: Any, **options: Any) -> None:
        day = self._day(options["date"])
        if not options["no_compare"]:
            close_day.compared(now=clock.now)
        try:
            row = close_day.draw_up(day, now=clock.now())
        except Invalid as refusal:
            raise CommandError(f"--date: {refusal.message}", returncode=2) from None
        (document,) = schemas.statements([row])
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            self._tell(document)
        if document["missing"] or document["applied_twice"]:
            raise CommandError("the two sides don't agree", returncode=1)
        if document["unknown"]:
            raise CommandError("not everything can be known", returncode=2)

    def _day(self, text: str | None) -> date | None:
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise CommandError(f"--date: {text!r} is no date such as 2026-01-15", returncode=2) from None

    def _tell(self, one: dict[str, Any]) -> None:
        orders, events, there = one["orders"], one["events"], one["seller_center"]
        self.stdout.write(f"{one['date']}{'' if one['is_final'] else ' (not over yet)'}")
        self.stdout.write(
            f"orders  offered {orders['offered']}, taken {orders['taken']}, filtered {orders['filtered']['count']},"
            f" quarantined {orders['quarantined']['count']} ({orders['quarantined']['open']} open)"
        )
        for name, parts in (
            ("filtered", orders["filtered"]["by_rule"]),
            ("quarantined", orders["quarantined"]["by_cause"]),
        ):
            for cause, count in parts.items():
                self.stdout.write(f"        {name} {count}: {cause}")
        self.stdout.write(
            f"events  recorded {events['recorded']}, delivered {events['delivered']} of {events['told']},"
            f" waiting {events['waiting']}, parked {events['parked']}"
        )
        if there["known"]:
            self.stdout.write(
                f"there   received {there['received']}, applied {there['applied']}, late {there['late']},"
                f" waiting {there['waiting']}, parked {there['parked']}"
            )
        shown = {name: "unknown" if one[name] is None else one[name] for name in ("missing", "applied_twice")}
        self.stdout.write(
            f"missing {shown['missing']}, applied twice {shown['applied_twice']}, repaired {one['repaired']['count']}"
        )
        if one["forgotten"]:
            self.stdout.write(
                f"forgotten {one['forgotten']}: delivered, and no trace is kept there, but their packages stand there as told"
            )
        for row in one["repaired"]["list"][:SHOWN]:
            self.stdout.write(f"        {row['kind']} {row['key']}: {row['remedy']}")
        more = one["repaired"]["count"] - SHOWN
        if more > 0:
            self.stdout.write(f"        and {more} more; see /api/v1/oms/handover/conflicts/?state=repaired")
        for text in one["unknown"]:
            self.stdout.write(f"unknown {text}")

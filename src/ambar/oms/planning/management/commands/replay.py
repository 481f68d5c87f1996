"""`replay --all | --order <number or id>`: decide stored decisions again and compare."""

import json
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from ambar.kit.text import is_digits
from ambar.oms.orders.models import Order
from ambar.oms.planning.actions import replay
from ambar.oms.planning.actions.replay import Replayed
from ambar.oms.planning.domain import recording

SHOWN = 20
FAILED = ("different", "unreadable")


class Command(BaseCommand):
    """Prints what became of each kind, by the version of the record's form, and why what was not the same was not; exit
    code 1 when a decision is not the same bit for bit or cannot be read, 2 for no such order.
    """

    help = "Decide stored planning decisions again and compare them bit for bit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="every decision there is")
        which.add_argument("--order", help="the decisions of one order, by number or id")
        parser.add_argument("--after", type=int, default=0, metavar="ID", help="go on after this decision id")
        parser.add_argument("--json", action="store_true", help="one JSON object at the end, nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        order_id = None if options["order"] is None else _order(options["order"])
        found: Counter[str] = Counter()
        versions: Counter[str] = Counter()
        failed: list[Replayed] = []
        last = options["after"]
        console = Console(stderr=True, quiet=options["json"])
        with Progress(console=console, transient=True) as progress:
            total = replay.count(after=last, order_id=order_id)
            task = progress.add_task("Deciding again", total=total)
            try:
                for one in replay.replay(after=last, order_id=order_id):
                    last = one.decision_id
                    found[one.verdict] += 1
                    versions["?" if one.version is None else str(one.version)] += 1
                    if one.verdict in FAILED:
                        failed.append(one)
                    progress.advance(task)
            except KeyboardInterrupt:
                raise CommandError(f"Stopped. Go on with --after {last}.", returncode=130) from None
        self._tell(found, versions, failed, last, as_json=options["json"])
        if failed:
            raise SystemExit(1)

    def _tell(
        self,
        found: Counter[str],
        versions: Counter[str],
        failed: list[Replayed],
        last: int,
        *,
        as_json: bool,
    ) -> None:
        rows = [
            {"decision": one.decision_id, "order": one.order_id, "verdict": one.verdict, "reason": one.reason}
            for one in failed
        ]
        counts = {name: found[name] for name in ("same", "different", "unreadable", "manual")}
        reasons = Counter(f"{one.verdict}: {one.reason}" for one in failed)
        if as_json:
            said = {**counts, "versions": dict(sorted(versions.items())), "reasons": dict(reasons)}
            self.stdout.write(json.dumps({**said, "last": last, "failed": rows}))
            return
        self.stdout.write(
            f"{counts['same']} decisions are the same bit for bit, {counts['different']} different,"
            f" {counts['unreadable']} unreadable; {counts['manual']} made by people were passed by."
        )
        if set(versions) - {str(recording.VERSION)}:
            of = ", ".join(f"{count} of version {name}" for name, count in sorted(versions.items()))
            self.stdout.write(
                f"Records by the version of their form: {of} (written now: {recording.VERSION})."
            )
        for reason, count in reasons.most_common():
            self.stdout.write(f"  {count} {reason}")
        for row in rows[:SHOWN]:
            self.stdout.write(
                f"  decision {row['decision']} of order {row['order']}: {row['verdict']}, {row['reason']}"
            )
        if len(rows) > SHOWN:
            self.stdout.write(f"  and {len(rows) - SHOWN} more")


def _order(given: str) -> int:
    found = Order.objects.filter(number=given).values_list("pk", flat=True).first()
    if found is None and is_digits(given) and len(given) < 19:
        found = Order.objects.filter(pk=int(given)).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"There is no order {given}.", returncode=2)
    return int(found)

"""`ambar oms reconcile`: compare with the Seller Center, show what differs, repair it with --apply."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from ambar.kit import clock
from ambar.oms.handover import schemas
from ambar.oms.handover.actions import reconcile
from ambar.oms.handover.models import Conflict, Reconciliation

SHOWN = 50


class Command(BaseCommand):
    """Exit code 0 when both sides agree (or were made to), 1 when something differs or could not be repaired, 2 when it can't
    be known. Interrupted, it is gone on with by --resume; events are delivered by the worker."""

    help = "Compare with the Seller Center and show what differs; --apply repairs it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="Repair what differs.")
        parser.add_argument(
            "--resume", type=int, metavar="ID", help="Go on with this one (with --apply: repair its preview)."
        )
        parser.add_argument("--json", action="store_true", help="Machine-readable output, one JSON document.")

    def handle(self, *args: Any, **options: Any) -> None:
        row = self._begun(options["resume"], apply=options["apply"])
        try:
            self._follow(row, quietly=options["json"])
        except KeyboardInterrupt:
            raise CommandError(
                f"interrupted; go on with: ambar oms reconcile --resume {row.pk}", returncode=130
            ) from None
        self._tell(row, as_json=options["json"])
        if row.not_compared or row.state == Reconciliation.FAILED:
            raise CommandError(" ".join([*row.not_compared, row.error]).strip(), returncode=2)
        if row.state == Reconciliation.CANCELLED:
            raise CommandError(
                f"stopped before its end; go on with: ambar oms reconcile --resume {row.pk}", returncode=2
            )
        if row.unknown:
            self.stderr.write(" ".join(row.unknown))
        left = row.conflicts.exclude(state=Conflict.REPAIRED).count()
        if left:
            raise CommandError(f"{left} records differ", returncode=1)

    def _begun(self, resumed: int | None, *, apply: bool) -> Reconciliation:
        if resumed is None:
            return reconcile.start(apply=apply, user_id=None, now=clock.now())
        row = Reconciliation.objects.filter(pk=resumed).first() if abs(resumed) < 2**63 else None
        if row is None:
            raise CommandError(f"there is no reconciliation {resumed}", returncode=2)
        if row.state == Reconciliation.READY and apply:
            reconcile.apply(row.pk, now=clock.now())
        elif row.state in (Reconciliation.CANCELLED, Reconciliation.FAILED):
            reconcile.resume(row.pk, now=clock.now())
        return row

    def _follow(self, row: Reconciliation, *, quietly: bool) -> None:
        told = ""
        row.refresh_from_db()
        while row.state in Reconciliation.OPEN:
            if not reconcile.run_step(now=clock.now, reconciliation_id=row.pk):
                time.sleep(0.1)  # a worker is at it, or deliveries are on their way
            row.refresh_from_db()
            line = f"{row.state}: {row.compared} of {row.rows} rows compared, {row.found} differ, {row.repaired} repaired"
            if not quietly and line != told:
                self.stderr.write(line)
                told = line

    def _tell(self, row: Reconciliation, *, as_json: bool) -> None:
        found = row.conflicts.order_by("kind", "key")
        if as_json:
            document = {**schemas.reconciliations([row])[0], "conflicts": schemas.conflicts(found)}
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        found = found.exclude(state=Conflict.SEEN)  # nobody has looked at those of a stopped one yet
        for one in found[:SHOWN]:
            fields = ", ".join(
                f"{field['field']} {field['ours']} ≠ {field['theirs']}" for field in one.fields
            )
            self.stdout.write(
                f"{one.kind} {one.key}: {one.remedy} ({one.owner} decides): {one.state} {one.reason}"
            )
            self.stdout.write(f"    {fields}")
        more = found.count() - SHOWN
        if more > 0:
            self.stdout.write(f"and {more} more; see /api/v1/oms/handover/conflicts/?reconciliation={row.pk}")
        self.stdout.write(
            f"reconciliation {row.pk} {row.state}: {row.compared} of {row.rows} rows compared in {row.requests} requests,"
            f" {row.found} differ, {row.under_way} on their way, {row.repaired} repaired, {row.refused} refused,"
            f" {row.unconfirmed} not confirmed"
        )

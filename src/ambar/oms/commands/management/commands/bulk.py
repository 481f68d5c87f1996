"""`bulk`: the bulk actions that are open, or one of them carried through with progress."""

import json
import time
from typing import Any

from django.core.management import BaseCommand, CommandError

from ambar.kit import clock
from ambar.kit.refusals import Refusal
from ambar.oms.commands import bulk_schemas as schemas
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.models import BulkAction, BulkEntry


class Command(BaseCommand):
    """Without an id: what is open. With one: it is followed, and carried out here where no worker does, until it is over;
    interrupted, the worker (or the same command) goes on. Exit code 1 when records were refused, 2 when there is no such
    action or it can't be turned."""

    help = "Bulk actions: list the open ones, follow one to its end, stop it or go on with it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("id", nargs="?", type=int)
        parser.add_argument("--stop", action="store_true", help="stop after the slice under way")
        parser.add_argument("--resume", action="store_true", help="go on with one that was stopped")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["id"] is None:
            self._list(as_json=options["json"])
            return
        action = self._found(options["id"])
        try:
            if options["stop"]:
                bulk.cancel(action.pk, now=clock.now())
            elif options["resume"]:
                bulk.resume(action.pk, now=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.message, returncode=2) from None
        self._follow(action, quietly=options["json"])
        self._tell(action, as_json=options["json"])
        if action.refused:
            raise CommandError(f"{action.refused} records were refused", returncode=1)

    def _found(self, action_id: int) -> BulkAction:
        found = BulkAction.objects.filter(pk=action_id).first() if abs(action_id) < 2**63 else None
        if found is None:
            raise CommandError(f"there is no bulk action {action_id}", returncode=2)
        return found

    def _list(self, *, as_json: bool) -> None:
        rows = schemas.actions(BulkAction.objects.filter(state__in=BulkAction.OPEN).order_by("pk"))
        if as_json:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            told = f"{row['done']} done, {row['refused']} refused of {row['records']}"
            self.stdout.write(f"{row['id']}  {row['kind']}  {row['slug']}  {row['state']}  {told}")
        if not rows:
            self.stdout.write("no bulk action is open")

    def _follow(self, action: BulkAction, *, quietly: bool) -> None:
        action.refresh_from_db()
        while action.state in BulkAction.OPEN:
            if not bulk.run_slice(now=clock.now, action_id=action.pk):
                time.sleep(0.2)  # a worker is at it
            action.refresh_from_db()
            if not quietly:
                self.stderr.write(f"{action.done} done, {action.refused} refused of {action.records}")

    def _tell(self, action: BulkAction, *, as_json: bool) -> None:
        refused = schemas.outcomes(BulkEntry.objects.filter(of=action, is_done=False).order_by("pk"))
        if as_json:
            self.stdout.write(json.dumps({**schemas.actions([action])[0], "refusals": refused}))
            return
        for one in refused:
            self.stdout.write(f"{action.kind} {one[action.kind]}: {one.get('en', '')}")
        self.stdout.write(f"{action.state}: {action.done} done, {action.refused} refused of {action.records}")

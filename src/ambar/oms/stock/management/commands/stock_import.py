"""`stock_import`: take a CSV file of stock figures, with progress."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.oms.stock import import_schemas as schemas
from ambar.oms.stock.actions.import_file import import_slice, store_file
from ambar.oms.stock.models import Import

OVER = {Import.DONE, Import.CANCELLED}


class Command(BaseCommand):
    """The file is stored first; interrupted, the worker (or `--resume <id>`) goes on. Exit code 1 when rows were wrong, 2
    when there is nothing that could be taken."""

    said_as = "stock import"
    help = "Take a CSV file of stock figures (erp_code, sku, quantity[, unit])."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--resume", type=int, help="go on with an import that was interrupted")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        file, resumed = options["file"], options["resume"]
        if (file is None) == (resumed is None):
            raise CommandError("name either a file or, with --resume, an import", returncode=2)
        import_id = self._stored(file) if resumed is None else resumed
        while (running := Import.objects.filter(pk=import_id).first()) and running.state not in OVER:
            if not import_slice(now=clock.now(), import_id=import_id):
                time.sleep(0.2)  # a worker is at it
            if not options["json"]:
                running.refresh_from_db()
                self.stderr.write(f"{running.done} of {running.rows} rows, {running.errors} wrong")
        if running is None:
            raise CommandError(f"there is no import {import_id}", returncode=2)
        self._tell(running, as_json=options["json"])
        if running.errors:
            raise CommandError(f"{running.errors} rows were wrong", returncode=1)

    def _stored(self, file: Path) -> int:
        try:
            content = file.read_bytes()
            return store_file(content, name=file.name, bound_to=None, user_id=None, now=clock.now()).pk
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from None
        except Invalid as refusal:
            raise CommandError(refusal.message, returncode=2) from None

    def _tell(self, done: Import, *, as_json: bool) -> None:
        outcome = schemas.imports([done])[0]
        faults = schemas.faults(done.wrong.order_by("line", "id"))
        if as_json:
            self.stdout.write(json.dumps({**outcome, "errors": faults}))
            return
        for fault in faults:
            self.stdout.write(f"line {fault['line']}: {fault['field']}: {fault['message']}")
        self.stdout.write(
            f"{outcome['accepted']} rows taken, {outcome['changed']} figures changed, {outcome['error_count']} wrong"
        )

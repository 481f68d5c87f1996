"""Take a CSV file of stock figures: stored first, then applied slice by slice, so that nothing is lost or done twice."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from ambar.kit import work
from ambar.kit.refusals import Conflict, NotFound
from ambar.oms.stock.actions.take_feed import take_feed
from ambar.oms.stock.domain.csv_file import Line, read_csv
from ambar.oms.stock.models import Import, ImportFault, ImportSlice

LOOP = "stock_imports"
SLICE = 5000

NEXT = """
SELECT import.id FROM oms_stock_import import
WHERE import.state IN ('waiting', 'running') AND (%s::bigint IS NULL OR import.id = %s)
ORDER BY import.id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


class ImportOver(Conflict):
    """This import is over; nothing is left to cancel or resume."""

    code = "import_over"


def store_file(
    content: bytes, *, name: str, bound_to: Collection[int] | None, user_id: int | None, now: datetime
) -> Import:
    """Keep the file's rows for the worker. `bound_to`: the only locations its sender may write, None = all.

    Raises `Invalid` when the file can't be read at all; wrong rows are told in the import's outcome.
    """
    lines = read_csv(content)
    with transaction.atomic():
        made = Import.objects.create(
            state=Import.WAITING if lines else Import.DONE,
            name=name[:255],
            rows=len(lines),
            bound_to=None if bound_to is None else sorted(bound_to),
            created_by=user_id,
            created_at=now,
            finished_at=None if lines else now,
        )
        ImportSlice.objects.bulk_create(
            ImportSlice(of=made, rows=[[line.line, line.row, line.wrong] for line in lines[at : at + SLICE]])
            for at in range(0, len(lines), SLICE)
        )
        work.wake(LOOP)
    return made


def import_slice(*, now: datetime, import_id: int | None = None) -> int:
    """Apply the next slice of the oldest open import nobody else works at (or of one); answers its rows, 0 = none.

    One transaction: figures, errors, progress and the slice's end stand or fall together, so a killed worker's slice
    is simply taken again. Slices of one file follow each other, so that of two rows for one key the later counts.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(NEXT, [import_id, import_id])
            found = cursor.fetchone()
        if found is None:
            return 0
        running = Import.objects.get(pk=found[0])
        part = ImportSlice.objects.filter(of=running).order_by("id").first()
        if part is not None:
            _apply(running, part, now=now)
        if not ImportSlice.objects.filter(of=running).exists():
            running.state, running.finished_at = Import.DONE, now
        running.save()
    return 0 if part is None else len(part.rows)


def cancel_import(running: Import, *, now: datetime) -> None:
    """Stop after the slice under way; what is in stays, what is left can be resumed. Raises `ImportOver`."""
    _turn(running.pk, {Import.WAITING, Import.RUNNING}, Import.CANCELLED, now=now)


def resume_import(running: Import, *, now: datetime) -> None:
    """Go on where a cancelled import stopped. Raises `ImportOver`."""
    _turn(running.pk, {Import.CANCELLED}, Import.WAITING, now=now)


def _turn(import_id: int, states: set[str], state: str, *, now: datetime) -> None:
    with transaction.atomic():
        row = Import.objects.select_for_update().filter(pk=import_id).first()
        if row is None:
            raise NotFound("Not found.")
        if row.state == state:
            return
        if row.state not in states:
            raise ImportOver()
        row.state = state
        row.finished_at = now if state == Import.CANCELLED else None
        row.save(update_fields=["state", "finished_at"])
        if state == Import.WAITING:
            work.wake(LOOP)


def _apply(running: Import, part: ImportSlice, *, now: datetime) -> None:
    lines = [Line(line=line, row=row, wrong=wrong and tuple(wrong)) for line, row, wrong in part.rows]
    good = [line for line in lines if line.wrong is None]
    taken = take_feed(
        [line.row for line in good],
        allowed=None if running.bound_to is None else frozenset(running.bound_to),
        reason=f"import {running.pk}",
        now=now,
    )
    faults = [
        ImportFault(of=running, line=line.line, field=line.wrong[0], message=line.wrong[1])
        for line in lines
        if line.wrong is not None
    ]
    faults += [
        ImportFault(of=running, line=good[error.row].line, field=error.field, message=error.message)
        for error in taken.errors
    ]
    ImportFault.objects.bulk_create(sorted(faults, key=lambda fault: fault.line), batch_size=1000)
    part.delete()
    running.state = Import.RUNNING
    running.done += len(lines)
    running.accepted += taken.accepted
    running.changed += taken.changed
    running.short += len(taken.short)
    running.errors += len(faults)

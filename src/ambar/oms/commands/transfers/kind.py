"""Transfers as a kind of record that commands run on."""

from __future__ import annotations

from collections.abc import Sequence

from ambar.oms.commands.domain.verdicts import other_end
from ambar.oms.commands.kinds import Kind
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.commands.transfers.sides import may_run, side_of
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.models import Transfer


def _foreign(transfer_ids: Sequence[int], location_ids: Sequence[int]) -> list[int]:
    rows = Transfer.objects.filter(pk__in=transfer_ids).exclude(source_id__in=location_ids)
    return list(rows.exclude(destination_id__in=location_ids).order_by("pk").values_list("pk", flat=True))


def _refuse_other_end(batch: TransferBatch, location_ids: Sequence[int] | None) -> None:
    code = batch.transition.command_code
    for transfer in batch.standing:
        ends = {"source_id": transfer.source_id, "destination_id": transfer.destination_id}
        if not may_run(code, **ends, location_ids=location_ids):
            batch.refuse(transfer.id, other_end(number=transfer.number, side=side_of(code)))


TRANSFERS = Kind(
    name="transfer",
    enum_class="TransferStatus",
    lock=transfers.lock,
    batch=TransferBatch,
    foreign=_foreign,
    refuse_others=_refuse_other_end,
)

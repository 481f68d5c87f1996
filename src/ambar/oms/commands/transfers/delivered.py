"""Akinon OMS: Transfer Delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ambar.kit.refusals import Conflict
from ambar.oms.commands.registry import Command, NoParameters
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.packages import store as packages
from ambar.oms.packages import taking_off as packages_cut
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.states.domain.codes import PackageStatus, TransferStatus
from ambar.oms.states.domain.fits import pairs
from ambar.oms.stock import holdings
from ambar.oms.stock.domain.reservations import MoveLine, ReserveLine
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.domain.changes import HOLDER, LockedItem, LockedTransfer

NOT_PACKED = frozenset(
    {
        PackageStatus.WAITING,
        PackageStatus.WAITING_REMOTE_ACTION,
        PackageStatus.PREPARING,
        PackageStatus.WAITING_FOR_TRANSFER,
        PackageStatus.READY_FOR_PACKAGING,
        PackageStatus.BLOCKED,
    }
)
COMPLETE = "transfers-complete"


class NothingHeld(Conflict):
    """The goods of this transfer are not reserved at its source."""

    code = "transfer_without_reservation"


def run(batch: TransferBatch) -> None:
    """The goods arrive and stay reserved for the package; with its last transfer the package goes to Waiting by itself.

    For a package given up meanwhile, and for units taken off it, they become free stock of the destination.
    """
    _refuse_unheld(batch)
    received = batch.standing
    batch.move()
    holdings.move_goods(
        [_arrival(transfer, item) for transfer in received for item in transfer.items],
        reason="transfer delivered",
        cause=batch.cause,
        now=batch.now,
    )
    unwanted = [transfer for transfer in received if transfer.package_state not in NOT_PACKED]
    holdings.give_back(
        [_free(transfer, item) for transfer in unwanted for item in transfer.items],
        reason="package given up",
        cause=batch.cause,
        now=batch.now,
    )
    wanted = [transfer for transfer in received if transfer.package_state in NOT_PACKED]
    holdings.give_back(_excess(wanted), reason="units cancelled", cause=batch.cause, now=batch.now)
    _complete(batch, sorted({transfer.package_id for transfer in received}))


def _refuse_unheld(batch: TransferBatch) -> None:
    """Refuse transfers whose goods are not reserved at the source: nothing could arrive."""
    held = {
        (line.holder_id, line.location_id): line.quantity
        for line in holdings.read(HOLDER, [item.id for transfer in batch.standing for item in transfer.items])
    }
    for transfer in batch.standing:
        short = [i.id for i in transfer.items if held.get((i.id, transfer.source_id), 0) < i.quantity]
        if short:
            message = f"{transfer.number}: items {', '.join(map(str, short))} are not reserved at the source."
            batch.refuse(transfer.id, NothingHeld(message, transfer_items=short))


def _arrival(transfer: LockedTransfer, item: LockedItem) -> MoveLine:
    return MoveLine(
        from_kind=HOLDER,
        from_id=item.id,
        to_kind="package_item",
        to_id=item.package_item_id,
        product_id=item.product_id,
        quantity=item.quantity,
        from_location=transfer.source_id,
        to_location=transfer.destination_id,
    )


def _free(transfer: LockedTransfer, item: LockedItem) -> ReserveLine:
    return ReserveLine(
        location_id=transfer.destination_id,
        product_id=item.product_id,
        quantity=item.quantity,
        holder_kind="package_item",
        holder_id=item.package_item_id,
    )


def _excess(received: Sequence[LockedTransfer]) -> list[ReserveLine]:
    """What package items hold at the destination beyond the units they still want."""
    left = packages_cut.cut([item.package_item_id for transfer in received for item in transfer.items])
    return [
        replace(line, quantity=line.quantity - left[line.holder_id])
        for line in (holdings.read("package_item", left) if left else ())
        if line.quantity > left[line.holder_id]
    ]


def _complete(batch: TransferBatch, package_ids: Sequence[int]) -> None:
    packages.change_states(
        [
            StateChange(
                package_id=package_id,
                from_state=PackageStatus.WAITING_FOR_TRANSFER,
                to_state=PackageStatus.WAITING,
                command_code=batch.transition.command_code,
                slug=COMPLETE,
                user_id=batch.user_id,
            )
            for package_id in transfers.complete_packages(package_ids)
        ],
        now=batch.now,
    )


COMMAND = Command(
    code="TransferDeliveredCommand",
    kind="transfer",
    title="Transfer Delivered",
    pairs=pairs([TransferStatus.IN_TRANSIT], [TransferStatus.TRANSFERRED]),
    parameters=NoParameters,
    run=run,
)

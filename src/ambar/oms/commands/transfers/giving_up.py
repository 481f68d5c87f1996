"""When the source can't send: its transfers end, the package is given up, and planning starts over without that source."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, cast

from pydantic import Field, StrictInt

from ambar.kit import rest
from ambar.kit.refusals import Conflict, Invalid
from ambar.oms.commands.stock_effects import give_stock_back, held_keys
from ambar.oms.commands.transfers.batch import TransferBatch
from ambar.oms.orders import store as orders
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import LockedPackage, StateChange
from ambar.oms.planning import store as planning
from ambar.oms.states.domain.codes import PackageStatus, TransferStatus
from ambar.oms.stock import holdings
from ambar.oms.stock import store as stock
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers.domain.changes import HOLDER, LockedTransfer

Id = Annotated[StrictInt, Field(ge=1, lt=2**63)]
AGAIN = "transfer-replanned"


class MissingParameters(rest.Body):
    """`transfer_items`: ids of the items that are missing or wrong; not given = all of the transfer."""

    transfer_items: Annotated[list[Id], Field(min_length=1, max_length=1000)] | None = None


class PackageNotWaiting(Conflict):
    """The package does not wait for this transfer any more."""

    code = "package_not_waiting_for_transfer"


def give_up(batch: TransferBatch, *, reason: str) -> None:
    """End the standing transfers and plan their packages' items anew, all of them; missing ones never from there.

    The packages' other transfers that have not left are cancelled, all reservations are given back, the packages go to
    Needs Rescheduling, and the planner takes their orders next.
    """
    missing = _missing(batch)
    ended = batch.standing
    if not ended:
        return
    batch.move(item_states=lambda transfer: _item_states(transfer, missing[transfer.id]))
    locked = packages.lock(sorted({transfer.package_id for transfer in ended}))
    given_up = [locked[package_id] for package_id in sorted(locked)]
    _free_sources(batch, ended, given_up, missing, reason=reason)
    give_stock_back(batch, given_up, reason=reason)
    planning.exclude(_exclusions(ended, missing, reason), now=batch.now)
    packages.change_states(
        [
            StateChange(
                package_id=package.id,
                from_state=package.state,
                to_state=PackageStatus.NEEDS_RESCHEDULING,
                command_code=batch.transition.command_code,
                slug=AGAIN,
                user_id=batch.user_id,
                sync=False,
            )
            for package in given_up
        ],
        now=batch.now,
    )
    orders.request_planning(sorted({transfer.order_id for transfer in ended}), batch.now)


def _free_sources(
    batch: TransferBatch,
    ended: Sequence[LockedTransfer],
    given_up: Sequence[LockedPackage],
    missing: Mapping[int, Collection[int]],
    *,
    reason: str,
) -> None:
    """End the reservations at the sources; a missing item's is consumed, so that the books say what the shelf holds.

    Where the stock is kept elsewhere it is only given back.
    """
    cancelled = transfers.cancel_of_packages(
        [package.id for package in given_up],
        command_code=batch.transition.command_code,
        slug=batch.transition.slug,
        user_id=batch.user_id,
        now=batch.now,
    )
    held = holdings.read(HOLDER, [*(item.id for t in ended for item in t.items), *cancelled])
    stock.lock_balances({*held_keys(given_up), *((line.location_id, line.product_id) for line in held)})
    gone = {i for t in ended if not t.source_has_outside_engine for i in missing[t.id]}
    there = [line for line in held if line.holder_id not in gone]
    lost = [line for line in held if line.holder_id in gone]
    holdings.give_back(there, reason=reason, cause=batch.cause, now=batch.now)
    holdings.use_up(lost, reason=reason, cause=batch.cause, now=batch.now)


def _missing(batch: TransferBatch) -> dict[int, set[int]]:
    """The missing items per transfer; transfers that name foreign items or whose package went on are refused."""
    missing = {}
    for transfer in batch.standing:
        own = {item.id for item in transfer.items}
        named = cast(MissingParameters, batch.parameters[transfer.id]).transfer_items
        wrong = sorted(set(named or ()) - own)
        if wrong:
            ids = ", ".join(map(str, wrong))
            batch.refuse(
                transfer.id, Invalid(fields={"transfer_items": [f"Not of {transfer.number}: {ids}."]})
            )
        elif transfer.package_state != PackageStatus.WAITING_FOR_TRANSFER:
            message = f"The package of {transfer.number} is in state {transfer.package_state}; it waits for no transfer."
            batch.refuse(transfer.id, PackageNotWaiting(message, package=transfer.package_id))
        else:
            missing[transfer.id] = set(named) if named else own
    return missing


def _item_states(transfer: LockedTransfer, missing: Collection[int]) -> dict[int, str]:
    return {
        item.id: TransferStatus.OUT_OF_STOCK if item.id in missing else TransferStatus.CANCELLED
        for item in transfer.items
    }


def _exclusions(
    ended: Sequence[LockedTransfer], missing: Mapping[int, Collection[int]], reason: str
) -> list[tuple[int, int, str]]:
    return [
        (item.order_item_id, transfer.source_id, f"{reason}: {transfer.number}")
        for transfer in ended
        for item in transfer.items
        if item.id in missing[transfer.id]
    ]

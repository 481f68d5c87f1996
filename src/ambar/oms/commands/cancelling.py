"""What cancelling does to packages: units leave them, stock goes back, transfers end, quota and worth follow.

Every compensation is named in the ledger by the `cause` that the cancellation's part carries too, and is written with
it in one transaction under the lock of the order, so it happens once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ambar.oms.commands.stock_effects import HOLDER, TRANSFER_HOLDER
from ambar.oms.orders import cancelled_units
from ambar.oms.orders import store as orders
from ambar.oms.packages import registry, taking_off
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import LockedPackage, StateChange, item_targets
from ambar.oms.shipments import withdrawing
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.stock import holdings
from ambar.oms.stock import store as stock
from ambar.oms.stock.domain.reservations import ReserveLine
from ambar.oms.transfers import store as transfers
from ambar.oms.transfers import unneeded

REASON = "cancelled"
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """Units of an order item that are not supplied any more; `package_item` None: they were in no package yet."""

    order_item: int
    quantity: Decimal
    package: int | None = None
    package_item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does it and when. `sync`: whether the packages' new status is reported upstream."""

    command_code: str
    slug: str
    cause: UUID
    now: datetime
    transition_id: int | None = None
    user_id: int | None = None
    sync: bool = False
    attributes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def change(self, package: LockedPackage, to_state: int) -> StateChange:
        """The move of one package by this act."""
        return StateChange(
            package_id=package.id,
            from_state=package.state,
            to_state=to_state,
            command_code=self.command_code,
            slug=self.slug,
            transition_id=self.transition_id,
            user_id=self.user_id,
            attributes=self.attributes.get(package.id, {}),
            sync=self.sync,
        )


def take_off(
    units: Sequence[Off],
    locked: Mapping[int, LockedPackage],
    act: Act,
    *,
    moves: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Cancel units; answers `{package: state}` of the packages that moved.

    A package that is left with nothing goes to Cancelled and keeps its items as a record; another one lives on with
    less. `moves` are further moves of packages (`{package: state}`), for those that are not emptied. The caller holds
    the locks of orders and packages.
    """
    by_item = _summed((off.package_item, off.quantity) for off in units if off.package_item is not None)
    touched = {off.package for off in units if off.package is not None}
    emptied = {i for i in touched if all(by_item.get(x.id, NOTHING) >= x.quantity for x in locked[i].items)}
    reduced = sorted(touched - emptied)
    taking_off.take_off(
        {x.id: by_item[x.id] for i in reduced for x in locked[i].items if x.id in by_item}, now=act.now
    )
    _free([locked[i] for i in sorted(touched)], by_item, emptied, reduced, act)
    to_state = dict.fromkeys(emptied, int(PackageStatus.CANCELLED))
    to_state.update({i: state for i, state in (moves or {}).items() if i not in emptied})
    waiting = [i for i in reduced if locked[i].state == PackageStatus.WAITING_FOR_TRANSFER]
    to_state.update(dict.fromkeys(transfers.complete_packages(waiting), int(PackageStatus.WAITING)))
    still = [locked[i] for i in reduced if i not in to_state]
    taking_off.tell([act.change(package, package.state) for package in still], now=act.now)
    packages.change_states([act.change(locked[i], to_state[i]) for i in sorted(to_state)], now=act.now)
    # A state without an event of its own tells the marketplace nothing of what the package lost on the way there.
    silent = [i for i in reduced if i in to_state and to_state[i] not in events.OF_STATE]
    registry.changed_within_a_state(silent, now=act.now)
    withdrawing.withdraw(sorted(emptied), now=act.now)
    cancelled = _summed((off.order_item, off.quantity) for off in units)
    cancelled_units.cancel_units(cancelled, now=act.now)
    orders.advance_items(item_targets(taking_off.parts_of(sorted(cancelled))), now=act.now)
    return to_state


def _summed(rows: Any) -> dict[int, Decimal]:
    total: dict[int, Decimal] = {}
    for key, quantity in rows:
        total[key] = total.get(key, NOTHING) + quantity
    return total


def _free(
    touched: Sequence[LockedPackage],
    by_item: Mapping[int, Decimal],
    emptied: set[int],
    reduced: Sequence[int],
    act: Act,
) -> None:
    """Give back what the cancelled units held: reservations, what was consumed, transfers that bring nothing needed."""
    if not touched:
        return
    ended = transfers.cancel_of_packages(
        [package.id for package in touched],
        besides=unneeded.needed(reduced),
        command_code=act.command_code,
        slug=act.slug,
        user_id=act.user_id,
        now=act.now,
    )
    whole = {item.id for package in touched if package.id in emptied for item in package.items}
    held = [
        line
        if line.holder_id in whole
        else replace(line, quantity=min(line.quantity, by_item[line.holder_id]))
        for line in holdings.read(HOLDER, sorted(by_item))
    ]
    held += holdings.read(TRANSFER_HOLDER, ended)
    consumed = [
        ReserveLine(
            location_id=package.location_id,
            product_id=item.product_id,
            quantity=by_item[item.id],
            holder_kind=HOLDER,
            holder_id=item.id,
        )
        for package in touched
        if not package.has_outside_engine
        for item in package.items
        if item.stock_taken and item.id in by_item
    ]
    stock.lock_balances((line.location_id, line.product_id) for line in (*held, *consumed))
    holdings.give_back(held, reason=REASON, cause=act.cause, now=act.now)
    holdings.restore(consumed, reason=REASON, cause=act.cause, now=act.now)
    packages.unmark_stock_taken([line.holder_id for line in consumed if line.holder_id in whole])

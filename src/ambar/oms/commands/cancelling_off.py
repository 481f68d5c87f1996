"""Calling a cancellation off: nothing of it stays, what was taken off already is to be supplied after all."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ambar.oms.commands.cancelling import Act
from ambar.oms.orders import cancelled_units
from ambar.oms.orders import cancelling_store as store
from ambar.oms.orders import store as orders
from ambar.oms.packages import store as packages
from ambar.oms.states.domain.codes import PackageStatus


def call_off(
    plan_ids: Sequence[int],
    request_ids: Sequence[int],
    *,
    status: str,
    answer: str,
    act: Act,
    besides: Sequence[int] = (),
) -> None:
    """End all requests of these plans, and these requests, as `status`; the caller holds the locks of the orders.

    Packages that waited for their location on account of them only go back to Packed, except those of `besides`, which
    the caller moves. Units taken off already count as ordered again and are planned anew.
    """
    parts = store.parts_of(request_ids, plan_ids)
    waiting = [part for part in parts if part.status == "waiting"]
    store.set_parts([part.id for part in waiting], "refused", now=act.now)
    taken = [part for part in parts if part.status == "taken" and part.cause is not None]
    store.set_parts([part.id for part in taken], "restored", now=act.now)
    store.close_requests(request_ids, plan_ids, status, answer, now=act.now)
    _back_to_packed({part.package_id for part in waiting if part.package_id} - set(besides), act)
    units: dict[int, Decimal] = {}
    for part in taken:
        units[part.order_item_id] = units.get(part.order_item_id, Decimal(0)) - part.quantity
    if units:
        cancelled_units.cancel_units(units, now=act.now)
        orders.request_planning(sorted({part.order_id for part in taken}), act.now)


def _back_to_packed(package_ids: set[int], act: Act) -> None:
    still = {part.package_id for part in store.waiting_parts(sorted(package_ids))}
    locked = packages.lock(sorted(package_ids - still))
    packages.change_states(
        [
            act.change(package, int(PackageStatus.PACKED))
            for package in locked.values()
            if package.state == PackageStatus.CANCELLATION_WAITING
        ],
        now=act.now,
    )

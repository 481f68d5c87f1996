"""Packages follow what carriers tell of their parcels, through the transitions that people use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.outside import purposes
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.shipments import carrier_store
from ambar.oms.shipments.domain.story import next_step, package_target
from ambar.oms.states import queries as states
from ambar.oms.states.domain.codes import TransferStatus

AT_ONCE = 200
STEPS = 4
"""The longest way: Packed, Shipped, Delivery Failed, Returned."""
COMMANDS = (
    "SHIPMENT_ORDER",
    "ShipThePackageCommand",
    "ShipThePackageBasicCommand",
    "UpdatePackageShipmentStatusCommand",
    "PKG_STATE_TRANSITION",
)
"""Commands that need nothing but the transition, the better ones first."""


def follow_parcels(*, now: datetime) -> int:
    """Move packages step by step to where their parcels are; how many parcels were looked at.

    A package that stands elsewhere (being cancelled, blocked, collected by the customer) stays; so does one for which no
    transition is configured.
    """
    parcels = carrier_store.to_follow(AT_ONCE)
    for _ in range(STEPS if parcels else 0):
        wanted: dict[tuple[int, int], list[int]] = {}
        for package_id, state, of_parcels in carrier_store.packages_of(parcels):
            target = package_target(of_parcels)
            step = None if target is None else next_step(state, target)
            if step is not None:
                wanted.setdefault((state, step), []).append(package_id)
        if not _moved(wanted, now=now):
            break
    _dispatch(carrier_store.transfers_taken(parcels), now=now)
    carrier_store.followed(parcels, since=now)
    return len(parcels)


def _dispatch(transfer_ids: Sequence[int], *, now: datetime) -> None:
    """What the carrier has taken is In Transit. That it arrived is said by whoever receives and counts it."""
    source, destination = str(TransferStatus.READY_TO_SHIPMENT), str(TransferStatus.IN_TRANSIT)
    for way in states.transitions_from("transfer", [source])[source] if transfer_ids else ():
        if way.destination == destination and way.command_code == "TransferDispatchCommand":
            run_many(way.slug, transfer_ids, kind=TRANSFERS, now=now)
            return


def _moved(wanted: Mapping[tuple[int, int], list[int]], *, now: datetime) -> int:
    ways = states.transitions_from("package", {source for source, _ in wanted})
    moved = 0
    for (source, destination), package_ids in sorted(wanted.items()):
        fitting = [
            way
            for way in ways[str(source)]
            if way.destination == str(destination) and way.command_code in COMMANDS
        ]
        if fitting:
            # The carrier has the parcel already: a way that asks nobody goes before one that a service could refuse.
            way = min(fitting, key=lambda one: (bool(purposes(one)), COMMANDS.index(one.command_code)))
            verdicts = run_many(way.slug, package_ids, now=now)
            moved += sum(verdict.refusal is None for verdict in verdicts)
    return moved

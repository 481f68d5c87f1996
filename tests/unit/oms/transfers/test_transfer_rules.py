from __future__ import annotations

from decimal import Decimal

import pytest

from ambar.oms.commands.registry import command_of
from ambar.oms.commands.transfers.sides import DESTINATION, SOURCE, may_run, side_of
from ambar.oms.states.domain import seed
from ambar.oms.states.domain.codes import TransferStatus
from ambar.oms.transfers.domain import events
from ambar.oms.transfers.domain.changes import merged


def test_every_seeded_transition_of_transfers_fits_its_command():
    slugs = [row[0] for row in (*seed.PACKAGE_TRANSITIONS, *seed.TRANSFER_TRANSITIONS)]
    assert len(set(slugs)) == len(slugs)
    unfit = [
        row[0]
        for row in seed.TRANSFER_TRANSITIONS
        if (command := command_of(row[3])) is None
        or command.kind != "transfer"
        or (row[4], row[5]) not in command.pairs
    ]
    assert unfit == []


def test_no_seeded_transition_leads_out_of_an_end_state():
    assert {row[4] for row in seed.TRANSFER_TRANSITIONS} == {"waiting", "ready_to_shipment", "in_transit"}


def test_the_source_sends_and_the_destination_receives():
    sides = {row[3]: side_of(row[3]) for row in seed.TRANSFER_TRANSITIONS}
    assert {code for code, side in sides.items() if side == DESTINATION} == {"TransferDeliveredCommand"}
    ends = {"source_id": 1, "destination_id": 2}
    assert may_run("TransferDispatchCommand", **ends, location_ids=[1, 5])
    assert not may_run("TransferDispatchCommand", **ends, location_ids=[2])
    assert may_run("TransferDeliveredCommand", **ends, location_ids=[2])
    assert not may_run("TransferDeliveredCommand", **ends, location_ids=[1])
    assert not may_run("TransferDeliveredCommand", **ends, location_ids=[])
    assert all(may_run(code, **ends, location_ids=None) for code in sides)
    assert SOURCE in sides.values()


@pytest.mark.parametrize(
    ("state", "types"),
    [
        ("ready_to_shipment", ("transfer.status.ready_to_shipment", "transfer.status.transitioned")),
        ("in_transit", ("transfer.status.in_transit", "transfer.status.transitioned")),
        ("transferred", ("transfer.status.transferred", "transfer.status.transitioned")),
        ("cancelled", ("transfer.status.cancelled", "transfer.status.transitioned")),
        ("out_of_stock", ("transfer.status.transitioned",)),
    ],
)
def test_a_state_raises_its_documented_event_and_the_general_one(state, types):
    assert events.on_change(state) == types
    assert set(types) <= set(events.ALL)


def test_the_documented_event_types_are_all_there_are():
    assert set(events.ALL) == {
        f"transfer.status.{name}"
        for name in ("created", "transitioned", "ready_to_shipment", "in_transit", "transferred", "cancelled")
    }
    assert {str(state) for state in TransferStatus} - set(events.OF_STATE) == {"waiting", "out_of_stock"}


def test_units_of_one_package_item_are_added_up_and_nothing_is_refused():
    items = [(1, 7, 9, Decimal(2)), (2, 8, 9, Decimal(1)), (1, 7, 9, Decimal("0.5"))]
    assert merged(items) == [(1, 7, 9, Decimal("2.5")), (2, 8, 9, Decimal(1))]
    with pytest.raises(ValueError, match="nothing"):
        merged([(1, 7, 9, Decimal(0))])

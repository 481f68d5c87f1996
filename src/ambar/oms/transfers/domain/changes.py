"""New transfers and changes of state, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ambar.kit.refusals import Conflict
from ambar.oms.states.domain.codes import TransferStatus

OPEN = (TransferStatus.WAITING, TransferStatus.READY_TO_SHIPMENT)
UNDER_WAY = (*OPEN, TransferStatus.IN_TRANSIT)
"""A package in Waiting for Transfer stays there while one of its transfers is in such a state."""
"""States of a transfer whose goods still stand at the source; only these can be called off."""

HOLDER = "transfer_item"
"""Holder kind of the reservation at the source, from planning to delivery."""

Item = tuple[int, int, int, Decimal]
"""(package item id, order item id, product id, quantity)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransfer:
    """A transfer to make for a package that stands at `destination_id`."""

    order_id: int
    package_id: int
    source_id: int
    destination_id: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedTransfer:
    """A transfer made; `item_ids` stand in the order of the given items."""

    id: int
    number: str
    item_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferChange:
    """A move of one transfer. `item_states`: items that end in another state than the transfer, by id."""

    transfer_id: int
    from_state: str
    to_state: str
    command_code: str
    slug: str
    transition_id: int | None = None
    user_id: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    item_states: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedItem:
    """An item of a locked transfer."""

    id: int
    package_item_id: int
    order_item_id: int
    product_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedTransfer:
    """A transfer under its row lock and that of its package, as commands decide on it.

    `source_has_outside_engine`: the source's stock is kept elsewhere.
    """

    id: int
    number: str
    state: str
    source_id: int
    destination_id: int
    order_id: int
    package_id: int
    package_state: int
    source_has_outside_engine: bool
    items: tuple[LockedItem, ...]


class TransferMoved(Conflict):
    """The transfer is not in the expected state any more."""

    code = "transfer_state_moved"


def merged(items: Iterable[Item]) -> list[Item]:
    """Units of one package item added up, in first-seen order."""
    total: dict[tuple[int, int, int], Decimal] = {}
    for package_item_id, order_item_id, product_id, quantity in items:
        if quantity <= 0:
            raise ValueError("a transfer item brings more than nothing")
        key = (package_item_id, order_item_id, product_id)
        total[key] = total.get(key, Decimal(0)) + quantity
    return [(*key, quantity) for key, quantity in total.items()]

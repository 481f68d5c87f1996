"""The commands of transfers and the end that runs each."""

from __future__ import annotations

from ambar.oms.commands.transfers import (
    delivered,
    dispatch,
    offers,
    order_advanced,
    out_of_stock,
    product_not_found,
    ready_for_dispatch,
)
from ambar.oms.commands.transfers.sides import DESTINATION, SOURCE, declare
from ambar.oms.transfers.registry import offer_commands


def declare_all() -> None:
    """Make the commands known and offer them on the records of transfers."""
    declare(ready_for_dispatch.COMMAND, side=SOURCE)
    declare(order_advanced.COMMAND, side=SOURCE)
    declare(dispatch.COMMAND, side=SOURCE)
    declare(product_not_found.COMMAND, side=SOURCE)
    declare(out_of_stock.COMMAND, side=SOURCE)
    declare(delivered.COMMAND, side=DESTINATION)
    offer_commands(offers.runnable)

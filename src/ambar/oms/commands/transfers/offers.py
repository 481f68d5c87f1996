"""What a caller may run on transfers now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambar.oms.commands.offers import as_offer, is_offered
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.commands.transfers.sides import may_run
from ambar.oms.packages.queries import location_bounds
from ambar.oms.states import queries as states
from ambar.oms.transfers.registry import Standing

SCOPE = "transfers:command"


def runnable(transfers: Mapping[int, Standing], principal: Any) -> dict[int, list[dict[str, Any]]]:
    """`{transfer id: [command]}`: transition, slug, destination and the JSON schema of the parameters. One statement.

    Left out: hidden transitions, those whose command does not fit, commands of the other end for a caller bound to
    locations, and all for a caller who may not command.
    """
    if not transfers or not principal.may(SCOPE):
        return {}
    own = location_bounds(principal)
    by_source = states.transitions_from("transfer", {state for state, _, _ in transfers.values()})
    return {
        transfer_id: [
            as_offer(TRANSFERS, t)
            for t in by_source[state]
            if is_offered(t)
            and may_run(t.command_code, source_id=source, destination_id=destination, location_ids=own)
        ]
        for transfer_id, (state, source, destination) in transfers.items()
    }

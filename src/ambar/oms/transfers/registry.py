"""What higher rooms tell this one at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Standing = tuple[str, int, int]
"""(state, source location id, destination location id) of a transfer."""
Offer = Callable[[Mapping[int, Standing], Any], dict[int, list[dict[str, Any]]]]
_offers: list[Offer] = []


def offer_commands(offer: Offer) -> None:
    """`offer({transfer id: standing}, principal)` gives what this caller may run on each transfer now."""
    _offers.append(offer)


def commands_for(transfers: Mapping[int, Standing], principal: Any) -> dict[int, list[dict[str, Any]]]:
    """The commands runnable now, by transfer id."""
    result: dict[int, list[dict[str, Any]]] = {transfer_id: [] for transfer_id in transfers}
    for offer in _offers:
        for transfer_id, commands in offer(transfers, principal).items():
            result[transfer_id].extend(commands)
    return result

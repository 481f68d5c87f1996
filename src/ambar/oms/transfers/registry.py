"""What higher rooms tell this one at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Detail = Callable[[Sequence[int]], Mapping[int, Any]]
_details: dict[str, Detail] = {}
Follow = Callable[[Mapping[int, str], datetime], None]
_followers: list[Follow] = []


def add_detail(key: str, load: Detail) -> None:
    """A higher room shows `key` in the REST record of a transfer (not in events): `load(transfer ids) -> {id: value}`."""
    _details[key] = load


def details_of(transfer_ids: Sequence[int]) -> dict[str, Mapping[int, Any]]:
    """What higher rooms show of these transfers, by key."""
    return {key: load(transfer_ids) for key, load in _details.items()}


def follow(follower: Follow) -> None:
    """A higher room is told, in the transaction that moves them, where transfers stand now: `({id: state}, now)`."""
    _followers.append(follower)


def moved(states: Mapping[int, str], now: datetime) -> None:
    """Tell the higher rooms."""
    for follower in _followers:
        follower(states, now)


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

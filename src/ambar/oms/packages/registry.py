"""What higher rooms tell this one at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Offer = Callable[[Mapping[int, tuple[int, int | None]], Any], dict[int, list[dict[str, Any]]]]
_offers: list[Offer] = []


def offer_commands(offer: Offer) -> None:
    """`offer({package id: (state, state before a block)}, principal)` gives what this caller may run on each package now."""
    _offers.append(offer)


def commands_for(
    states: Mapping[int, tuple[int, int | None]], principal: Any
) -> dict[int, list[dict[str, Any]]]:
    """The commands runnable now, by package id."""
    result: dict[int, list[dict[str, Any]]] = {package_id: [] for package_id in states}
    for offer in _offers:
        for package_id, commands in offer(states, principal).items():
            result[package_id].extend(commands)
    return result

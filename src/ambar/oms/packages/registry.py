"""What higher rooms tell this one at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

Offer = Callable[[Mapping[int, tuple[int, int | None]], Any], dict[int, list[dict[str, Any]]]]
_offers: list[Offer] = []
Detail = Callable[[Sequence[int]], dict[int, Any]]
_details: dict[str, Detail] = {}


def add_detail(key: str, load: Detail) -> None:
    """A higher room shows `key` in the REST detail of a package (not in events): `load(package ids) -> {id: value}`."""
    _details[key] = load


def details_of(package_id: int) -> dict[str, Any]:
    """What higher rooms show in the detail of this package."""
    return {key: load([package_id]).get(package_id) for key, load in _details.items()}


ItemDetail = Callable[[int, Any], Any]
_item_details: dict[str, ItemDetail] = {}


def add_item_detail(key: str, load: ItemDetail) -> None:
    """A higher room shows `key` in the REST detail of a package item: `load(package item id, principal)`."""
    _item_details[key] = load


def details_of_item(item_id: int, principal: Any) -> dict[str, Any]:
    """What higher rooms show in the detail of this package item."""
    return {key: load(item_id, principal) for key, load in _item_details.items()}


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


Told = Callable[[int, int | None], list[dict[str, str]]]
_told: list[Told] = []


def tell_commands(told: Told) -> None:
    """`told(state, state before a block)` gives what can be run on a package in that state, as its events tell it."""
    _told.append(told)


def commands_told(state: int, before: int | None) -> list[dict[str, str]]:
    """What can be run on a package in this state, as its events tell it; not to be changed."""
    return _told[0](state, before) if _told else []


class Hearer(Protocol):
    """Whoever wants to know of packages that changed."""

    def __call__(self, package_ids: Sequence[int], *, now: datetime) -> None: ...


_hearers: list[Hearer] = []


def on_change_within_a_state(hearer: Hearer) -> None:
    """`hearer(package ids, now=…)` is called, in the transaction of the change, when packages changed and stayed in their state."""
    _hearers.append(hearer)


def changed_within_a_state(package_ids: Sequence[int], *, now: datetime) -> None:
    """Tell those who want to know; the events for everybody are recorded already."""
    for hearer in _hearers if package_ids else ():
        hearer(package_ids, now=now)

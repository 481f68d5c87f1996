"""Addresses of an order: kept as a snapshot, with the places under the Seller Center's own ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ambar.seller_center.places.domain.records import identity

_KINDS = {"country": "countries", "city": "cities", "township": "townships", "district": "districts"}

OwnIds = Mapping[str, Mapping[int, int]]
"""Kind of place → the hub's id → our id."""


def places_of(address: Mapping[str, Any] | None) -> Iterator[tuple[str, int, dict[str, Any] | None]]:
    """`(kind, the hub's id, row or None)` of each place an address names, parents first."""
    if not address:
        return
    ids = {level: identity(address.get(level)) for level in _KINDS}
    for level, kind in _KINDS.items():
        own = ids[level]
        if own is None:
            continue
        nested = address.get(level)
        row = {**nested, **_parents(level, ids)} if isinstance(nested, Mapping) else None
        yield kind, own, row


def _parents(level: str, ids: Mapping[str, int | None]) -> dict[str, int | None]:
    order = list(_KINDS)
    return {parent: ids[parent] for parent in order[: order.index(level)]}


def with_own_places(address: Mapping[str, Any] | None, own: OwnIds) -> dict[str, Any] | None:
    """The address with every place id replaced by ours; a place we do not know keeps its name and has id `None`."""
    if not address:
        return None
    ids = {level: own[kind].get(identity(address.get(level)) or 0) for level, kind in _KINDS.items()}
    country = _place(address.get("country"), ids["country"])
    city = _place(address.get("city"), ids["city"])
    if isinstance(city, dict) and "country" in city:
        city["country"] = country if isinstance(city["country"], Mapping) else ids["country"]
    township = _place(address.get("township"), ids["township"])
    if isinstance(township, dict):
        township["city"] = ids["city"]
    district = _place(address.get("district"), ids["district"])
    if isinstance(district, dict):
        district["city"], district["township"] = ids["city"], ids["township"]
    return {**address, "country": country, "city": city, "township": township, "district": district}


def _place(value: Any, own_id: int | None) -> Any:
    if isinstance(value, Mapping):
        return {**value, "id": own_id, "pk": own_id}
    return own_id

"""Reserving stock: what is asked, what does not fit, and which groups are taken when not all fit."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from ambar.kit.refusals import Conflict

Key = tuple[int, int]
Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveLine:
    """`quantity` > 0 units of a product at a location, held for an opaque holder such as ("package_item", 7)."""

    location_id: int
    product_id: int
    quantity: Decimal
    holder_kind: str
    holder_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A holder whose reservation is given back or used; `quantity` None means all it still holds."""

    holder_kind: str
    holder_id: int
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A location and product that could not give `wanted`; `available` is what it had."""

    location_id: int
    product_id: int
    wanted: Decimal
    available: Decimal


class NotEnoughStock(Conflict):
    """Less stock than asked for.

    `missing` names each location and product.
    """

    code = "not_enough_stock"

    def __init__(self, missing: Sequence[Missing]) -> None:
        self.missing = tuple(missing)
        super().__init__(
            "Not enough stock: "
            + "; ".join(
                f"product {m.product_id} at location {m.location_id}: {m.available} of {m.wanted}"
                for m in missing
            ),
            missing=[
                {
                    "stock_location": m.location_id,
                    "product": m.product_id,
                    "wanted": str(m.wanted),
                    "available": str(m.available),
                }
                for m in missing
            ],
        )


def demand(lines: Iterable[tuple[Key, Decimal]]) -> dict[Key, Decimal]:
    """Quantities of one key added up, so that two lines of one product cannot both claim the last unit."""
    total: dict[Key, Decimal] = {}
    for key, quantity in lines:
        if quantity <= 0:
            raise ValueError("a reservation takes more than nothing")
        total[key] = total.get(key, Decimal(0)) + quantity
    return total


def shortages(wanted: Mapping[Key, Decimal], available: Mapping[Key, Decimal]) -> list[Missing]:
    """The keys that cannot give what is wanted, in key order."""
    return [
        Missing(
            location_id=key[0],
            product_id=key[1],
            wanted=wanted[key],
            available=available.get(key, Decimal(0)),
        )
        for key in sorted(wanted)
        if available.get(key, Decimal(0)) < wanted[key]
    ]


def fitting(
    groups: Sequence[tuple[Group, Mapping[Key, Decimal]]], available: Mapping[Key, Decimal]
) -> tuple[list[Group], dict[Group, list[Missing]]]:
    """Which groups (orders) fit one after another, whole or not at all, and why each other one does not."""
    left = dict(available)
    taken: list[Group] = []
    refused: dict[Group, list[Missing]] = {}
    for group, wanted in groups:
        missing = shortages(wanted, left)
        if missing:
            refused[group] = missing
            continue
        for key, quantity in wanted.items():
            left[key] -= quantity
        taken.append(group)
    return taken, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """`quantity` > 0 units that one holder has at `from_location` and another shall have at `to_location`."""

    from_kind: str
    from_id: int
    to_kind: str
    to_id: int
    product_id: int
    quantity: Decimal
    from_location: int
    to_location: int


class NotHeld(Conflict):
    """A holder does not hold what shall be moved.

    `missing` names holder, location, product, the quantity wanted and what is held.
    """

    code = "not_held"

    def __init__(self, missing: Sequence[tuple[str, int, int, int, Decimal, Decimal]]) -> None:
        self.missing = tuple(missing)
        super().__init__(
            "Not held: "
            + "; ".join(
                f"{kind} {number} holds {held} of {wanted} (product {product} at location {place})"
                for kind, number, place, product, wanted, held in missing
            )
        )

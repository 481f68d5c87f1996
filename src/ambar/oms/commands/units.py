"""Items of a package, or some of their units, as a request names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StrictInt

from ambar.kit import rest
from ambar.kit.money import quantity
from ambar.oms.packages.domain.changes import LockedPackage

Id = Annotated[StrictInt, Field(ge=1, lt=2**63)]
NOTHING = Decimal(0)


class Part(rest.Body):
    """Some units of an item."""

    package_item: Id
    quantity: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3)]


Units = Annotated[list[Id | Part], Field(min_length=1, max_length=1000)]
"""Ids (all there is of the item) or `{"package_item", "quantity"}`."""


def chosen(
    package: LockedPackage, wanted: Sequence[int | Part], there: Mapping[int, Decimal], *, none: str, few: str
) -> tuple[dict[int, Decimal], list[str]]:
    """`({package item: units}, problems)`. `there`: how much each item has; `none` and `few` are the sentences for an
    item that has nothing, and less than is wanted (`{item}`, `{left}`).
    """
    own = {item.id for item in package.items}
    found: dict[int, Decimal] = {}
    problems = []
    for entry in wanted:
        item = entry if isinstance(entry, int) else entry.package_item
        left = there.get(item, NOTHING)
        units = left if isinstance(entry, int) else entry.quantity
        if item not in own:
            problems.append(f"{item} is not an item of package {package.number}.")
        elif item in found:
            problems.append(f"Item {item} is named twice.")
        elif left == 0:
            problems.append(none.format(item=item))
        elif units > left:
            problems.append(few.format(item=item, left=quantity(left)))
        found[item] = units
    return found, problems

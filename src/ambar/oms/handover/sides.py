"""The two sides of a comparison as `ambar.kit.agreement` asks them, for packages and for orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ambar.kit.agreement import NO_FIELDS, Place, Sum, from_wire
from ambar.kit.agreement.asking import FIELDS, STATUSES, ranges, within
from ambar.oms.handover import held, held_orders
from ambar.oms.handover.gateways.seller_center import SellerCenter, Silent

FINEST_DIGITS = 6
DIGITS_PER_STEP = 2
RANGE_BITS = (16, 8)
"""Orders are compared by ranges of 65,536 ids, then of 256."""

PACKAGES, ORDERS = "packages", "orders"
DEEPEST = {PACKAGES: FIELDS, ORDERS: STATUSES}
"""How much of a record of each kind can be compared."""


def package_place(text: str) -> Place:
    """`2026-01-15/500/a1` as a path."""
    return tuple(text.split("/"))


def order_place(text: str, above: Place) -> Place:
    """A range below another one as a path."""
    return (*above, text)


def _digits(place: Place) -> int:
    return 0 if len(place) < 2 else (len(place[2]) if len(place) > 2 else 0) + DIGITS_PER_STEP


def _bits(place: Place) -> int:
    return RANGE_BITS[min(len(place), len(RANGE_BITS) - 1)]


def _sums(rows: Sequence[Mapping[str, Any]], kind: str, place: Place) -> dict[Place, Sum]:
    try:
        return {
            (
                package_place(row["place"]) if kind == PACKAGES else order_place(row["place"], place)
            ): from_wire(row["count"], row["digest"], row.get("fields", NO_FIELDS))
            for row in rows
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Silent(f"handover/{kind}/digests/: {error}") from error


def _rows(rows: Sequence[Sequence[Any]], kind: str) -> dict[str, str]:
    """Key → what is compared; of an order's row the number of packages is not."""
    try:
        return {
            str(row[0]): "|".join(str(part) for part in (row[1:] if kind == PACKAGES else [row[1], *row[3:]]))
            for row in rows
        }
    except (IndexError, TypeError) as error:
        raise Silent(f"handover/{kind}/rows/: {error}") from error


class _Paths:
    kind: str

    def is_finest(self, place: Place) -> bool:
        if self.kind == ORDERS:
            return len(place) >= len(RANGE_BITS)
        return len(place) > 2 and len(place[2]) >= FINEST_DIGITS


class Ours(_Paths):
    """What this OMS holds; without `fields` packages are compared by state and sequence, orders by modification."""

    def __init__(self, kind: str, source: str, *, fields: int) -> None:
        self.kind = kind
        self._source = source
        self._fields = fields

    def sums(self, place: Place) -> Mapping[Place, Sum]:
        """Digests of the parts of a place."""
        if self.kind == PACKAGES:
            found = held.package_digests(within("/".join(place)), _digits(place), fields=self._fields > 0)
        else:
            ((low, high),) = ranges(place[-1:])
            found = held_orders.digests(self._source, low, high, _bits(place), fields=self._fields)
        return _sums(found, self.kind, place)

    def rows(self, places: Sequence[Place]) -> Mapping[str, str]:
        """Rows of places."""
        if self.kind == PACKAGES:
            wanted = [within("/".join(place)) for place in places]
            return _rows(held.package_rows(wanted, fields=self._fields > 0), self.kind)
        found = held_orders.rows(self._source, ranges([place[-1] for place in places]), fields=self._fields)
        return _rows(found, self.kind)


class Theirs(_Paths):
    """What the Seller Center holds. Its questions raise `Older` when it does not know these `fields`."""

    def __init__(self, kind: str, center: SellerCenter, *, fields: int) -> None:
        self.kind = kind
        self._center = center
        self._fields = fields

    def sums(self, place: Place) -> Mapping[Place, Sum]:
        """Digests of the parts of a place."""
        more = {"fields": self._fields} if self._fields else {}
        if self.kind == PACKAGES:
            found = self._center.digests(self.kind, "/".join(place), digits=_digits(place), **more)
        else:
            found = self._center.digests(self.kind, "".join(place[-1:]), bits=_bits(place), **more)
        return _sums(found, self.kind, place)

    def rows(self, places: Sequence[Place]) -> Mapping[str, str]:
        """Rows of places."""
        texts = ["/".join(place) if self.kind == PACKAGES else place[-1] for place in places]
        return _rows(self._center.rows(self.kind, texts, fields=self._fields), self.kind)

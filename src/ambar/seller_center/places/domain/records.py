"""A place as another system describes it, checked and ready to be stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ambar.kit.text import is_digits

KINDS = ("countries", "cities", "townships", "districts")


class BadPlace(ValueError):
    """A place row that cannot be taken, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place. Parent ids are the other system's; coordinates in degrees."""

    kind: str
    upstream_id: int
    name: str
    folded: str
    code: str = ""
    country: int | None = None
    city: int | None = None
    township: int | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    postcode: str | None = None
    is_active: bool = True


def identity(value: Any) -> int | None:
    """The id in `34`, `"34"`, `{"id": 34}` or `{"pk": 34}`; `None` when there is none, or none of 63 bits."""
    if isinstance(value, Mapping):
        value = value.get("id", value.get("pk"))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str) and is_digits(value) and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and 0 < value < 2**63 else None


def degrees(value: Any) -> Decimal | None:
    """A coordinate with six decimals, or `None`."""
    if value in (None, ""):
        return None
    try:
        number = Decimal(str(value)).quantize(Decimal("0.000001"))
    except InvalidOperation:
        return None
    return number if abs(number) <= 180 else None


def place(kind: str, row: Mapping[str, Any], *, folded: str) -> Place:
    """One row of the hub's list of `kind`. Errors: :class:`BadPlace`."""
    own = identity(row)
    name = row.get("name")
    if own is None or not isinstance(name, str) or not name.strip():
        raise BadPlace(f"{kind}: a row without id or name")
    parents = {parent: identity(row.get(parent)) for parent in ("country", "city", "township")}
    needed = {
        "countries": (),
        "cities": ("country",),
        "townships": ("city",),
        "districts": ("city", "township"),
    }
    for parent in needed[kind]:
        if parents[parent] is None:
            raise BadPlace(f"{kind} {own}: no {parent}")
    return Place(
        kind=kind,
        upstream_id=own,
        name=name.strip()[:255],
        folded=folded[:255],
        code=str(row.get("code") or "")[:8],
        latitude=degrees(row.get("latitude")),
        longitude=degrees(row.get("longitude")),
        postcode=str(row["postcode"])[:64] if row.get("postcode") else None,
        is_active=bool(row.get("is_active", True)),
        **{k: v for k, v in parents.items() if k in needed[kind]},
    )

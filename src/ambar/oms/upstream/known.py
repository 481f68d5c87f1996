"""Channels and products already ensured, remembered per process, so that a repeated one costs no statement.

Rows of channels and products are never deleted; should an id be wrong nevertheless (a restored database), the caller
gets an integrity error, calls `forget()` and asks again.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from ambar.oms.catalogue import store as catalogue
from ambar.oms.upstream.schemas import WireChannel, WireProduct

MOST = 200_000
_channels: dict[tuple[Any, ...], int] = {}
_products: dict[tuple[Any, ...], int] = {}


def forget() -> None:
    """Ask the database again for everything."""
    _channels.clear()
    _products.clear()


def channel(source: str, wire: WireChannel) -> int:
    """The channel's id; created when this is the first order that carries it."""
    key = (source, wire.pk, wire.name, wire.channel_type)
    found = _channels.get(key)
    if found is None:
        found = _channels[key] = catalogue.ensure_channel(source, wire.pk, wire.name, wire.channel_type)
    return found


def products(wires: Iterable[WireProduct]) -> dict[str, int]:
    """Ids by SKU; unknown products are created with what the order says about them."""
    if len(_products) > MOST:
        _products.clear()
    ids: dict[str, int] = {}
    missing: dict[str, tuple[tuple[Any, ...], catalogue.ProductRow]] = {}
    for wire in wires:
        key = (wire.sku, wire.name, wire.barcode)
        found = _products.get(key)
        if found is not None:
            ids[wire.sku] = found
        else:
            missing[wire.sku] = (key, _row(wire))
    if missing:
        ensured = catalogue.ensure_products([row for _, row in missing.values()])
        for sku, (key, _) in missing.items():
            ids[sku] = _products[key] = ensured[sku]
    return ids


def _row(wire: WireProduct) -> catalogue.ProductRow:
    attributes = wire.attributes or {}
    return catalogue.ProductRow(
        sku=wire.sku,
        name=wire.name or "",
        barcode=wire.barcode or "",
        attributes=attributes,
        weight=_kilograms(attributes.get("weight_kg")),
    )


def _kilograms(value: Any) -> Decimal | None:
    try:
        weight = Decimal(str(value))
    except InvalidOperation:
        return None
    return weight if weight.is_finite() and 0 < weight < 100_000 else None

"""Make an order up for a seller's OMS to rehearse with, and take it back before anybody sees it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit import clock
from ambar.seller_center.orders import queries
from ambar.seller_center.orders.actions.take_orders import take_orders
from ambar.seller_center.orders.domain import incoming
from ambar.seller_center.places.models import District, Township
from ambar.seller_center.sellers.models import Seller

FIRST_ID = 2**61
"""Ids of made-up shop orders begin here, where no hub's do."""
PRICE = "100.00"


def offer_synthetic_order(seller_id: int, *, sku: str, now: datetime) -> dict[str, Any] | None:
    """A detailed order of one unit of `sku`, as the seller's OMS would read it from `orders/`.

    It goes through the same taking, cutting and writing as a shop order, in a transaction that is rolled back: nothing
    of it stays. None when the marketplace does not give this seller's orders out (the seller is not active).
    Source: `docs/decisions/0047-the-walk.md`.
    """
    seller = Seller.objects.get(pk=seller_id)
    payload = _shop_order(seller.supplier_code, sku, now)
    with transaction.atomic():
        take_orders([(incoming.order(payload), payload)], now=now)
        rows = queries.orders().filter(seller_id=seller_id, upstream_id=payload["id"])
        made = queries.orders_json(list(rows))
        transaction.set_rollback(True)
    return {**made[0], "test": True} if made else None


def _shop_order(supplier_code: str, sku: str, now: datetime) -> dict[str, Any]:
    number = FIRST_ID + secrets.randbelow(2**60)
    moment = clock.iso(now)
    address = _address()
    item = {
        "id": number + 1,
        "product": {"id": number + 2, "sku": sku, "name": sku},
        "status": "400",
        "price": PRICE,
        "price_currency": "try",
        "tax_rate": "0.00",
        "attributes": {},
        "extra_field": {"supplier_code": supplier_code},
    }
    return {
        "id": number,
        "number": f"DOCTOR-{number:x}",
        "status": "400",
        "currency": "try",
        "amount": PRICE,
        "shipping_amount": "0.00",
        "date_placed": moment,
        "modified_date": moment,
        "customer": {
            "id": number,
            "first_name": "Ambar",
            "last_name": "Doctor",
            "email": "",
            "phone_number": "",
        },
        "shipping_address": address,
        "billing_address": address,
        "orderitem_set": [item],
    }


def _address() -> dict[str, Any]:
    """The first place known here, under the hub's ids; an address without places when none is known."""
    district = District.objects.select_related("township__city__country").order_by("id").first()
    township = (
        district.township
        if district
        else Township.objects.select_related("city__country").order_by("id").first()
    )
    known = {"first_name": "Ambar", "last_name": "Doctor", "line": "-", "postcode": ""}
    if township is None:
        return known
    rows = {"country": township.city.country, "city": township.city, "township": township}
    if district is not None:
        rows["district"] = district
    places = {level: {"id": row.upstream_id, "name": row.name} for level, row in rows.items()}
    places["country"]["code"] = township.city.country.code
    return {**known, **places}

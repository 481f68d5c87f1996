"""What the Seller Center tells a seller's OMS about the hand-over between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ambar.kit import clock
from ambar.seller_center.delivery.models import DeliverySetting
from ambar.seller_center.orders import queries as orders
from ambar.seller_center.orders.models import Order
from ambar.seller_center.sellers.models import Seller


def of_seller(seller_id: int, *, now: datetime) -> dict[str, Any]:
    """Who the caller's token belongs to and what its OMS must agree with; no secret, only whether there is one.

    `test_events` and `synthetic_orders` say that this Seller Center takes rehearsals, which change nothing.
    """
    seller = Seller.objects.get(pk=seller_id)
    companies = DeliverySetting.objects.filter(is_active=True).exclude(shipping_company="")
    return {
        "system": "seller_center",
        "now": clock.iso(now),
        "supplier_code": seller.supplier_code,
        "name": seller.name,
        "state": seller.state,
        "oms_managed": seller.oms_managed,
        "checks_signatures": bool(seller.hook_secret_sealed),
        "test_events": True,
        "synthetic_orders": True,
        "channel": {name: orders.CHANNEL[name] for name in ("id", "name", "channel_type")},
        "shipping_companies": sorted(set(companies.values_list("shipping_company", flat=True))),
        "orders": Order.objects.filter(seller_id=seller_id).count(),
    }

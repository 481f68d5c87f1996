"""An order as it was offered to an OMS, read back into what is stored of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambar.kit import clock
from ambar.kit.money import dec

_OVER_ORDER = {
    "id", "pk", "number", "channel", "status", "date_placed", "amount", "supplier_code", "created_date", "modified_date",
    "orderitem_set", "handover",
}  # fmt: skip
_OVER_ITEM = {
    "id", "pk", "order", "order_number", "parent", "status", "price", "shipping_company", "tracking_number", "invoice_number",
    "invoice_date", "e_archive_url", "created_date", "modified_date",
}  # fmt: skip
_KEPT = ("shipping_company", "tracking_number", "invoice_number", "invoice_date", "e_archive_url")


def read(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The order's row and its items' rows. The seal has been found to hold.

    :raises ValueError: not an order as it is offered.
    """
    try:
        block = record["handover"]
        customer = record.get("customer") or {}
        order = {
            "id": record["pk"],
            "upstream_id": block["upstream_id"],
            "upstream_number": block["upstream_number"],
            "number": record["number"],
            "part": block["part"],
            "status": int(record["status"]),
            "currency": record["currency"],
            "amount": str(dec(record["amount"])),
            "customer_name": f"{customer.get('first_name') or ''} {customer.get('last_name') or ''}".strip()[
                :512
            ],
            "document": {name: value for name, value in record.items() if name not in _OVER_ORDER},
            "date_placed": clock.parse(record["date_placed"]),
            "upstream_modified_at": clock.parse(block["upstream_modified_date"]),
            "created_at": clock.parse(record["created_date"]),
            "modified_at": clock.parse(record["modified_date"]),
        }
        more = {pk: rest for pk, *rest in block["items"]}
        return order, [_item(item, order["id"], more[item["pk"]]) for item in record["orderitem_set"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an order as it is offered: {error}") from error


def _item(item: Mapping[str, Any], order_id: int, more: list[Any]) -> dict[str, Any]:
    upstream_id, quantity, parent = more
    document = {name: value for name, value in item.items() if name not in _OVER_ITEM}
    return {
        "id": item["pk"],
        "order_id": order_id,
        "upstream_id": upstream_id,
        "sku": item["product"]["sku"],
        "name": item["product"]["name"],
        "quantity": quantity,
        "price": str(dec(item["price"])),
        "status": int(item["status"]),
        **{name: item[name] for name in _KEPT},
        "document": {**document, "parent": parent},
        "created_at": clock.parse(item["created_date"]),
        "modified_at": clock.parse(item["modified_date"]),
    }

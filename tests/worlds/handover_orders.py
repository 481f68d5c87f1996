"""Orders as a Seller Center hands them over, and what their fields come to: for tests of either side."""

from __future__ import annotations

import copy
import hashlib
import json
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ambar.kit import clock
from ambar.kit.agreement import sum_of

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
_ADDRESS = (
    "title", "first_name", "last_name", "email", "phone_number", "line", "postcode", "company_name", "tax_office", "tax_no",
    "identity_number", "notes",
)  # fmt: skip
_PLACES = ("country", "city", "township", "district")
_CUSTOMER = ("first_name", "last_name", "email", "phone_number")


def micros(text: str) -> int:
    moment = clock.parse(text)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def order_mark(record: dict[str, Any], depth: int = 1) -> str:
    """What an order's fields come to (`contracts/handover/orders.rows.fields.json`), with `depth` 2 its statuses too (`….statuses.json`)."""
    lines = [
        _line(item) + (f"|{item['status']}" if depth == 2 else "")
        for item in record["orderitem_set"]
        if str(item["status"]) not in ("100", "600")
    ]
    bag = sum_of(lines)
    shipping = record["shipping_address"]
    parts = (
        record["number"], str(micros(record["date_placed"])), record.get("currency"), _number(record["amount"]),
        _number(record.get("shipping_amount")), _number(record.get("discount_amount")), record.get("payment_option_slug"),
        record.get("shipping_option_slug"), record.get("delivery_type"), record.get("delivery_range"), record.get("notes"),
        *(record["customer"].get(name) for name in _CUSTOMER), _address(shipping),
        _address(record.get("billing_address") or shipping), f"{bag.count}:{bag.hex}",
        *([str(record["status"])] if depth == 2 else []),
    )  # fmt: skip
    return hashlib.md5("|".join(part or "" for part in parts).encode()).hexdigest()[:16]


def _number(value: Any, places: str = "0.01") -> str:
    try:
        return str(Decimal(value or 0).quantize(Decimal(places), ROUND_HALF_UP))
    except InvalidOperation:
        return ""


def _line(item: dict[str, Any]) -> str:
    quantity = (item.get("attributes") or {}).get("quantity", item.get("quantity")) or 1
    parts = (
        str(item["pk"]), item["product"]["sku"], _number(quantity, "0.001"), _number(item["price"]),
        _number(item.get("discount_amount")), _number(item.get("tax_rate")), item.get("price_currency"),
    )  # fmt: skip
    return "|".join(part or "" for part in parts)


def _address(address: dict[str, Any]) -> str:
    nested = {level: place for level in _PLACES if isinstance(place := address.get(level), dict)}
    parts = [
        *(address.get(name) for name in _ADDRESS),
        *(nested.get(level, {}).get("name") for level in _PLACES),
        nested.get("country", {}).get("code"),
        "true" if address.get("e_bill_taxpayer") else "false",
    ]
    return "|".join(part or "" for part in parts)


def variants() -> list[dict[str, Any]]:
    """Orders as they are handed over, each odd in another way; the first is the golden one."""
    changes: list[dict[str, Any]] = [
        {},
        {"billing_address": None, "shipping_amount": None, "delivery_range": None, "notes": "a|b\n'ş'"},
        {"discount_amount": "1.005", "payment_option_slug": None, "delivery_type": "express"},
        {"currency": "eur", "amount": "0.10", "shipping_option_slug": None},
    ]
    items: list[dict[str, Any]] = [
        {},
        {"attributes": {"quantity": "2.5"}, "discount_amount": None},
        {"status": "100"},
        {"attributes": {"quantity": 2, "colour": "red"}, "price_currency": None, "tax_rate": "8"},
    ]
    golden = json.loads((CONTRACTS / "seller-center-to-oms/order.json").read_text())
    found = []
    for n, (change, item) in enumerate(zip(changes, items, strict=True)):
        record = copy.deepcopy(golden)
        record |= {
            "id": record["pk"] + n,
            "pk": record["pk"] + n,
            "number": f"{record['number']}{n or ''}",
            **change,
        }
        record["handover"].update(upstream_id=21 + n, items=[])
        for line in record["orderitem_set"]:
            line.update(id=line["pk"] + 10 * n, pk=line["pk"] + 10 * n, order=record["pk"])
            record["handover"]["items"].append([line["pk"], line["pk"] + 5000, "1.00", None])
        record["orderitem_set"][0].update(item)
        if n == 1:
            record["shipping_address"].update(
                city=34, district=None, e_bill_taxpayer=True, tax_no="1234567890"
            )
        found.append(record)
    return found

"""A small marketplace for tests: sellers with tokens, golden messages with other values, loops run by hand."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

from django.test import Client

from ambar.kit import accounts, work
from ambar.seller_center.sellers.actions.create_seller import CreateSeller, create_seller
from ambar.seller_center.sellers.actions.issue_oms_token import issue_oms_token
from ambar.seller_center.sellers.models import Seller

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
OMS = "/api/v1/applications/oms"


def golden(name: str) -> Any:
    """A golden message, parsed."""
    return json.loads((CONTRACTS / name).read_text())


class Caller:
    """A program with a token."""

    def __init__(self, token: str | None) -> None:
        self.headers = {"Authorization": f"Token {token}"} if token else {}
        self.client = Client(raise_request_exception=False)

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        data = body if isinstance(body, bytes | str) else ("" if body is None else json.dumps(body))
        return self.client.generic(
            method, path, data, content_type="application/json", headers={**self.headers, **(headers or {})}
        )

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self("POST", path, body, headers)

    def patch(self, path: str, body: Any = None) -> Any:
        return self("PATCH", path, body)


def seller(code: str = "AMBAR-01") -> Seller:
    """A seller by its code, made on first use."""
    found = Seller.objects.filter(supplier_code=code).first()
    return found or create_seller(CreateSeller(supplier_code=code, name=f"Seller {code}"), now=NOW)


def oms(code: str = "AMBAR-01") -> Caller:
    """The OMS of a seller."""
    return Caller(issue_oms_token(seller(code).pk, name="OMS", now=NOW))


def user(name: str, roles: list[str], bounds: dict[str, int] | None = None) -> Caller:
    """A program with these roles."""
    return Caller(
        accounts.issue_token(accounts.ensure_user(name, "a-long-password", roles, bounds), name="test")
    )


def owner() -> Caller:
    """The marketplace owner."""
    return user("owner", ["marketplace_owner"])


def hub() -> Caller:
    """The commerce hub, posting its hooks."""
    return user("hub", ["omnitron"])


def shop_order(
    upstream_id: int = 21,
    *,
    items: list[tuple[int, str, str | None]] | None = None,
    number: str | None = None,
    minutes: int = 0,
    **changes: Any,
) -> dict[str, Any]:
    """A shop order like the golden one; `items` are (id, sku, supplier code), `minutes` make a newer version."""
    order = copy.deepcopy(golden("omnitron-to-seller-center/order.created.json")["payload"])
    template = order["orderitem_set"][0]
    if items is None:
        items = [(upstream_id * 10, "AMB-TSH-001-M", "AMBAR-01")]
    order.update(
        id=upstream_id,
        pk=upstream_id,
        number=number or f"SHOP-{upstream_id}",
        modified_date=(NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        orderitem_set=[],
        **changes,
    )
    for item_id, sku, code in items:
        item = copy.deepcopy(template)
        item.update(
            id=item_id, pk=item_id, order=upstream_id, extra_field={"supplier_code": code} if code else {}
        )
        item["product"].update(id=crc32(sku.encode()) + 1, sku=sku, name=f"Product {sku}")
        order["orderitem_set"].append(item)
    return order


def envelope(payload: dict[str, Any], type_: str, uuid: UUID | None = None) -> dict[str, Any]:
    """A hook envelope."""
    return {"event": {"type": type_, "uuid": (uuid or uuid4()).hex}, "payload": payload}


def take(*orders: dict[str, Any], type_: str = "order.created") -> None:
    """Let the hub post these orders and apply them."""
    caller = hub()
    for code in ("AMBAR-01", "MODA-02"):
        seller(code)
    for order in orders:
        answer = caller.post("/api/v1/omnitron/orders/", envelope(order, type_))
        assert answer.status_code == 201, answer.content
    work.run_loop("sc_orders")


def package(
    number: str = "SHOP-21P1",
    *,
    state: int = 100,
    sequence: int | None = 1,
    order_id: int | None = None,
    items: list[tuple[int, str]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A package payload like the golden one; `items` are (our item id, sku)."""
    payload = copy.deepcopy(golden("oms-to-seller-center/package.created.json")["payload"])
    template = payload["packageitem_set"][0]
    payload.update(number=number, sequence=sequence, order_omnitron_id=order_id, **changes)
    payload["state"]["enum_value"] = str(state)
    payload["packageitem_set"] = []
    for item_id, sku in items or []:
        item = copy.deepcopy(template)
        item["state"] = str(state)
        item["order_item"].update(omnitron_id=item_id)
        item["order_item"]["product"].update(sku=sku)
        payload["packageitem_set"].append(item)
    if sequence is None:
        payload.pop("sequence")
    return payload

"""A small commerce hub for tests: a channel, a few places, products, stores, and callers with tokens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

from ambar.kit import accounts, clock
from ambar.omnitron.catalogue.actions.load_products import load_products
from ambar.omnitron.catalogue.models import PriceList
from ambar.omnitron.channels.models import CargoCompany, Channel
from ambar.omnitron.places.actions.import_places import import_places
from ambar.omnitron.places.models import City, Country, District, Township
from ambar.omnitron.stores.actions.load_stores import load_stores

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
API = "/api/v1"


def golden(name: str) -> Any:
    """A golden message, parsed."""
    return json.loads((CONTRACTS / name).read_text())


class Caller:
    """A program with a token of one role."""

    def __init__(self, role: str | None = "integration") -> None:
        self.headers: dict[str, str] = {}
        self.client = Client(raise_request_exception=False)
        if role is not None:
            user = accounts.ensure_user(f"test-{role}", "a-long-test-password", roles=[role])
            token = accounts.issue_token(user, name="test", now=clock.now())
            self.headers = {"Authorization": f"Token {token}"}

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        data = body if isinstance(body, bytes | str) else ("" if body is None else json.dumps(body))
        sent = {**self.headers, **(headers or {})}
        return self.client.generic(
            method, f"{API}/{path}", data, content_type="application/json", headers=sent
        )

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self("POST", path, body, headers)

    def patch(self, path: str, body: Any = None) -> Any:
        return self("PATCH", path, body)


def places() -> None:
    """Three provinces with the townships the tests name, and two districts."""
    stamp = {"created_at": NOW, "modified_at": NOW}
    turkey = Country.objects.create(name="Türkiye", folded="turkiye", code="tr", **stamp)
    istanbul = City.objects.create(name="İstanbul", folded="istanbul", code="34", country=turkey, **stamp)
    izmir = City.objects.create(name="İzmir", folded="izmir", code="35", country=turkey, **stamp)
    located = {"latitude": "40.990700", "longitude": "29.027900", **stamp}
    kadikoy = Township.objects.create(name="Kadıköy", folded="kadikoy", city=istanbul, **located)
    Township.objects.create(name="Şişli", folded="sisli", city=istanbul, **located)
    Township.objects.create(name="Konak", folded="konak", city=izmir, **located)
    District.objects.create(
        name="Caferağa Mah", folded="caferaga mah", city=istanbul, township=kadikoy, **stamp
    )
    District.objects.create(name="Moda Mah", folded="moda mah", city=istanbul, township=kadikoy, **stamp)


def all_places() -> None:
    """The places that come with Omnitron, without districts."""
    import_places(districts_of=[], now=NOW)


def channel(name: str = "Ambar Shop") -> Channel:
    return Channel.objects.create(name=name, channel_type="web", created_at=NOW, modified_at=NOW)


def cargo() -> CargoCompany:
    return CargoCompany.objects.create(
        name="Yurtiçi Kargo",
        erp_code="yurtici-kargo",
        shipping_company="yurtici",
        created_at=NOW,
        modified_at=NOW,
    )


def price_list() -> PriceList:
    return PriceList.objects.create(name="Main", created_at=NOW, modified_at=NOW)


def products(*skus: str) -> dict[str, int]:
    """Products by SKU with their keys."""
    rows = [
        {
            "sku": sku,
            "name": f"Ürün {sku}",
            "base_code": sku,
            "barcode": "8690000000012",
            "attributes": {"renk": "mavi", "weight_kg": "0.300"},
        }
        for sku in skus
    ]
    return {verdict["sku"]: verdict["id"] for verdict in load_products(rows, now=NOW)}


def store(code: str = "S-1", **more: Any) -> int:
    row = {"erp_code": code, "name": f"Mağaza {code}", "city": "İstanbul", "township": "Kadıköy", **more}
    [verdict] = load_stores([row], now=NOW)
    return int(verdict["id"])


def address(**more: Any) -> dict[str, Any]:
    return {
        "title": "Ev",
        "first_name": "Ayşe",
        "last_name": "Yılmaz",
        "email": "ayse@example.com",
        "phone_number": "+905321112233",
        "country": "TR",
        "city": "istanbul",
        "township": "KADIKÖY",
        "district": "Caferağa Mah",
        "line": "Moda Cad. No: 12",
        "postcode": "34710",
        **more,
    }


def order(
    channel_id: int, number: str | None = "R-1", skus: tuple[str, ...] = ("A", "B"), **more: Any
) -> dict[str, Any]:
    """A body of `POST /api/v1/orders/`: one item per SKU at 100.00 each."""
    return {
        "number": number,
        "channel": channel_id,
        "customer": {
            "email": "ayse@example.com",
            "first_name": "Ayşe",
            "last_name": "Yılmaz",
            "channel_code": "C-71",
        },
        "shipping_address": address(),
        "billing_address": address(title="Fatura", line="Fatura Sok. 1"),
        "cargo_company": None,
        "shipping_amount": "39.90",
        "items": [
            {"sku": sku, "price": "100.00", "tax_rate": "20.00", "extra_field": {"supplier_code": "AMBAR-01"}}
            for sku in skus
        ],
        **more,
    }


def events() -> list[tuple[str, str, int, int, dict[str, Any]]]:
    """Recorded events as (type, kind, aggregate, sequence, payload), oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, kind, aggregate_id, sequence, payload FROM outbox_event ORDER BY id")
        return [(*row[:4], json.loads(row[4])) for row in cursor.fetchall()]


def event_names() -> list[tuple[str, int, int]]:
    """Recorded events as (type, aggregate, sequence)."""
    return [(name, key, sequence) for name, _, key, sequence, _ in events()]

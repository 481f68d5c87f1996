"""Copy Omnitron's products, matched by SKU."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from ambar.oms.catalogue import store as catalogue
from ambar.oms.catalogue.models import Product
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.setup.steps import Needed, Progress, Step

PAGE = 1000


def is_required(client: Client) -> Needed:
    """True when Omnitron has more products than carry one of its ids here."""
    here = Product.objects.filter(upstream_id__isnull=False).count()
    upstream = client.count("products")
    return Needed(is_required=here < upstream, detail={"here": here, "upstream": upstream})


def run(client: Client, progress: Progress) -> dict[str, Any]:
    """Copy every product; rows without a usable SKU are counted."""
    written = malformed = 0
    for page in client.pages("products", {"sort": "id"}, limit=PAGE):
        rows = [_row(row) for row in page if isinstance(row, dict) and _sku(row)]
        malformed += len(page) - len(rows)
        written += len(catalogue.ensure_products(rows))
        progress(len(page), None)
    return {"written": written, "malformed": malformed}


def _sku(row: dict[str, Any]) -> str | None:
    sku = row.get("sku")
    return sku if isinstance(sku, str) and 0 < len(sku) <= 128 and "\x00" not in sku else None


def _row(row: dict[str, Any]) -> catalogue.ProductRow:
    given = row.get("attributes")
    attributes: dict[str, Any] = given if isinstance(given, dict) else {}
    images = row.get("productimage_set") or []
    pk = row.get("pk", row.get("id"))
    return catalogue.ProductRow(
        sku=row["sku"],
        name=str(row.get("name") or ""),
        barcode=str(row.get("barcode") or attributes.get("barcode") or ""),
        upstream_id=pk if isinstance(pk, int) else None,
        attributes=attributes,
        weight=_kilograms(attributes.get("weight_kg")),
        image_url=str(images[0].get("image") or "") if images and isinstance(images[0], dict) else "",
    )


def _kilograms(value: Any) -> Decimal | None:
    try:
        weight = Decimal(str(value))
    except InvalidOperation:
        return None
    return weight if weight.is_finite() and 0 < weight < 100_000 else None


STEP = Step(name="products", path="setup/products", is_required=is_required, run=run)

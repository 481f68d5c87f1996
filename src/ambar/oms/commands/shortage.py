"""A shortage told in the words of the floor: ERP codes and SKUs instead of ids."""

from __future__ import annotations

from ambar.kit.refusals import Conflict
from ambar.oms.catalogue.models import Product
from ambar.oms.locations.models import StockLocation
from ambar.oms.stock.domain.reservations import NotEnoughStock


def told(missing: NotEnoughStock) -> Conflict:
    """The refusal `not_enough_stock` naming location, SKU, what is there and what was wanted."""
    codes = dict(
        StockLocation.objects.filter(pk__in={m.location_id for m in missing.missing}).values_list(
            "pk", "erp_code"
        )
    )
    skus = dict(
        Product.objects.filter(pk__in={m.product_id for m in missing.missing}).values_list("pk", "sku")
    )
    rows = [
        {
            "stock_location": m.location_id,
            "erp_code": codes[m.location_id],
            "sku": skus[m.product_id],
            "have": str(m.available),
            "wanted": f"{m.wanted.normalize():f}",
        }
        for m in missing.missing
    ]
    sentence = "; ".join(
        f"{row['erp_code']} has {row['have']} of {row['sku']}, {row['wanted']} wanted" for row in rows
    )
    return Conflict(f"Not enough stock: {sentence}.", code=missing.code, missing=rows)

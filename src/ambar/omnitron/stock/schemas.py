"""Wire shapes of stock that callers send."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from ambar.kit import rest
from ambar.omnitron.wire import Amount, Key

Quantity = Annotated[Amount, Field(ge=0, lt=Decimal(10) ** 12)]
Code = Annotated[str, Field(max_length=128)]


class StockListIn(rest.OpenBody):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    code: Code = ""
    retail_store: Key | None = None
    is_active: bool = True


class StockBulkIn(rest.OpenBody):
    """One row of `product_stocks/bulk/`: product by `product` or `sku`; list by `stock_list` or the store's `erp_code`."""

    product: Key | None = None
    sku: Code | None = None
    stock_list: Key | None = None
    erp_code: Code | None = None
    stock: Quantity
    unit_type: Annotated[str, Field(min_length=1, max_length=16)] = "qty"
    extra_field: dict[str, Any] = {}


class StockPatch(rest.OpenBody):
    stock: Quantity = Decimal(0)
    unit_type: Annotated[str, Field(min_length=1, max_length=16)] = "qty"
    extra_field: dict[str, Any] = {}

"""Wire shapes of the catalogue that callers send."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from ambar.kit import rest
from ambar.omnitron.wire import Amount, Key, Moment

Code = Annotated[str, Field(max_length=128)]
Name = Annotated[str, Field(min_length=1, max_length=512)]
Money = Annotated[Amount, Field(ge=0, lt=Decimal(10) ** 13)]
Percent = Annotated[Amount, Field(ge=0, le=1000)]
Currency = Annotated[str, Field(min_length=3, max_length=8)]


class ProductPatch(rest.OpenBody):
    name: Name = ""
    base_code: Code = ""
    sku: Annotated[str, Field(min_length=1, max_length=128)] = ""
    barcode: Annotated[str, Field(max_length=64)] = ""
    product_type: Annotated[str, Field(max_length=16)] = "0"
    is_active: bool = True
    parent: Key | None = None
    category: Annotated[str, Field(max_length=255)] = ""
    weight: Annotated[Amount, Field(ge=0, lt=Decimal(10) ** 9)] | None = None
    attributes: dict[str, Any] = {}
    attribute_set: Key | None = None
    productization_date: Moment = None


class ProductIn(ProductPatch):
    name: Name
    sku: Annotated[str, Field(min_length=1, max_length=128)]


class ProductBulkIn(ProductIn):
    """One row of `products/bulk/`; `images` are addresses of pictures."""

    images: Annotated[list[Annotated[str, Field(max_length=1024)]], Field(max_length=50)] = []


class PriceListIn(rest.OpenBody):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    code: Code = ""
    currency: Currency = "try"
    is_active: bool = True


class CatalogIn(rest.OpenBody):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    price_list: Key | None = None
    stock_list: Key | None = None


class PriceBulkIn(rest.OpenBody):
    """One row of `product_prices/bulk/`; the product by `product` (key) or `sku`."""

    product: Key | None = None
    sku: Code | None = None
    price_list: Key
    price: Money
    retail_price: Money | None = None
    currency_type: Currency = "try"
    tax_rate: Percent = Decimal(0)
    discount_percentage: Percent | None = None
    price_type: Annotated[str, Field(min_length=1, max_length=32)] = "default"
    extra_field: dict[str, Any] = {}


class PricePatch(rest.OpenBody):
    price: Money = Decimal(0)
    retail_price: Money | None = None
    currency_type: Currency = "try"
    tax_rate: Percent = Decimal(0)
    discount_percentage: Percent | None = None
    extra_field: dict[str, Any] = {}

"""Wire shapes of products."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ambar.kit import rest


class ProductIn(rest.Body):
    sku: str = Field(min_length=1, max_length=255)
    name: str = Field(min_length=1, max_length=255)
    upstream_id: int | None = Field(default=None, gt=0)
    base_code: str = Field(default="", max_length=255)
    barcode: str = Field(default="", max_length=255)
    attributes: dict[str, Any] = {}
    is_active: bool = True


class ProductsIn(rest.Body):
    products: list[ProductIn] = Field(min_length=1, max_length=5000)

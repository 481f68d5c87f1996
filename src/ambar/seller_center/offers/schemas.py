"""Wire shapes of offers."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from ambar.kit import rest


class OfferIn(rest.Body):
    sku: str = Field(min_length=1, max_length=255)
    stock: int = Field(ge=0, le=1_000_000_000)
    retail_price: Decimal = Field(ge=0, max_digits=14, decimal_places=2)
    sale_price: Decimal = Field(ge=0, max_digits=14, decimal_places=2)
    currency: str = Field(default="try", pattern=r"^[a-z]{3}$")
    is_active: bool = True


class OffersIn(rest.Body):
    """`seller` may be left out by a seller's own users and programs."""

    seller: int | None = None
    offers: list[OfferIn] = Field(min_length=1, max_length=5000)

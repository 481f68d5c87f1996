"""Wire shapes of sellers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ambar.kit import rest


class SellerIn(rest.Body):
    supplier_code: str = Field(min_length=1, max_length=64, pattern=r"^\S+$")
    name: str = Field(min_length=1, max_length=255)
    oms_managed: bool = False


class SellerPatch(rest.Body):
    """Keys left out stay as they are; an empty `hook_secret` clears it."""

    name: str | None = Field(default=None, min_length=1, max_length=255)
    state: Literal["active", "suspended", "closed"] | None = None
    oms_managed: bool | None = None
    hook_secret: str | None = Field(default=None, max_length=255)


class TokenIn(rest.Body):
    name: str = Field(default="OMS", min_length=1, max_length=100)


class SellerUserIn(rest.Body):
    username: str = Field(min_length=1, max_length=150)
    password: str = Field(min_length=8, max_length=128)

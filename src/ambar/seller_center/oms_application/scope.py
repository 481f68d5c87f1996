"""Whose data a call of the OMS application API is about."""

from __future__ import annotations

from typing import Any

from ambar.kit.refusals import NotFound
from ambar.seller_center.sellers.isolation import sees_all, seller_of


def writer(principal: Any) -> int | None:
    """The seller whose rows may be written; `None` = any (the marketplace's administrator).

    Errors: `NotFound` for a caller bound to nobody.
    """
    seller_id = seller_of(principal)
    if seller_id is None and not sees_all(principal):
        raise NotFound()
    return seller_id

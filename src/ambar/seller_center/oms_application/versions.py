"""What a caller and this side tell each other of versions of orders, so that none is sent to whoever has it (decision 105).

Both are headers: whoever does not know them is served as ever, and asks as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.seller_center.orders.domain import versions
from ambar.seller_center.orders.domain.versions import Known, Moved

KNOWN, VERSIONS = "X-Ambar-Known", "X-Ambar-Versions"


def known(request: HttpRequest) -> Known | None:
    """The versions the caller says it has; `None` when it says nothing. Errors: `Invalid` naming the header."""
    text = request.headers.get(KNOWN)
    if text is None:
        return None
    try:
        return versions.read(text.strip())
    except ValueError as error:
        raise Invalid(fields={KNOWN: [str(error)]}) from error


def told(request: HttpRequest, orders: Sequence[Moved]) -> dict[str, Any]:
    """What an answer adds for a caller that asks what its change made of the orders."""
    if VERSIONS not in request.headers:
        return {}
    return {
        "orders": [
            {
                "id": one.order_id,
                "pk": one.order_id,
                "status": str(one.status),
                "previous_modified_date": clock.iso(one.before),
                "modified_date": clock.iso(one.after),
            }
            for one in orders
        ]
    }

"""`order-stock-info`: its parameters, and pages of rows that no table holds."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from ambar.kit import accounts
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders import queries as orders
from ambar.oms.orders.models import Order
from ambar.oms.planning import stock_seen

KNOWN = ("order_number", "erp_code", "page", "limit")
MOST, USUAL = 1000, 10


def stock_seen_page(request: HttpRequest) -> dict[str, Any]:
    """One page of the rows of an order; an unknown order or location is an empty list.

    :raises Invalid: an unknown parameter, no `order_number`, an unreadable `page` or `limit`.
    """
    unknown = [name for name in request.GET if name not in KNOWN]
    if unknown:
        raise Invalid(fields={unknown[0]: ["Unknown filter."]})
    number = request.GET.get("order_number", "")
    if not number or "\x00" in number:
        raise Invalid(fields={"order_number": ["This parameter is required."]})
    page, limit = (
        _whole(request, "page", 1, 10_000_000),
        min(_whole(request, "limit", USUAL, 10_000_000), MOST),
    )
    order = orders.visible(request.principal).filter(number=number).order_by("-pk").first()  # type: ignore[attr-defined]
    places = _places(request.GET.get("erp_code"))
    rows = [] if order is None or not places else stock_seen.rows_of(order)
    if order is None:
        _note_foreign(request, number)
    shown = rows[(page - 1) * limit : page * limit]
    return {
        "count": len(rows),
        "next": _link(request, page + 1) if page * limit < len(rows) else None,
        "previous": _link(request, page - 1) if page > 1 else None,
        "results": stock_seen.seen(shown, order, places) if order is not None and shown else [],
    }


def _note_foreign(request: HttpRequest, number: str) -> None:
    hidden = Order.objects.filter(number=number).values_list("pk", flat=True).first()
    if hidden is not None:
        accounts.note_foreign(request.principal, Order.objects.all(), hidden)  # type: ignore[attr-defined]


def _whole(request: HttpRequest, name: str, usual: int, most: int) -> int:
    text = request.GET.get(name, str(usual))
    if not (is_digits(text) and 0 < int(text[:18]) <= most and len(text) < 18):
        raise Invalid(fields={name: ["Must be a whole number from 1."]})
    return int(text)


def _places(code: str | None) -> list[int]:
    rows = StockLocation.objects.all()
    if code is not None:
        rows = rows.filter(erp_code=code.replace("\x00", ""))
    return list(rows.values_list("pk", flat=True))


def _link(request: HttpRequest, page: int) -> str:
    given = {**{name: request.GET[name] for name in request.GET}, "page": page}
    return request.build_absolute_uri(f"{request.path}?{urlencode(given)}")

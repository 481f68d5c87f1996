"""`/api/v1/applications/oms/handover/`: what a seller's OMS compares itself with. A caller sees its own seller only.

Source: `docs/decisions/0043-reconciliation.md`; golden messages in `contracts/handover/`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from ambar.kit import accounts, clock, rest
from ambar.kit.agreement import asking
from ambar.kit.refusals import Invalid
from ambar.kit.rest import strict_json
from ambar.seller_center.handover import held, queries
from ambar.seller_center.handover.actions.take_back import RESTORED, take_back
from ambar.seller_center.packages import queries as packages
from ambar.seller_center.sellers.isolation import seller_of

router = rest.Router(tags=["oms application"])

BITS = (8, 16, 24)
MOST_ORDERS = 100


def _seller(request: HttpRequest) -> int:
    seller_id = seller_of(request.principal)
    if seller_id is None:
        raise Invalid(fields={"non_field_errors": ["This token belongs to no seller."]})
    return seller_id


@router.get("/handover/")
@rest.needs("oms:read")
def read_handover(request: HttpRequest) -> Any:
    """What this side has of the seller: events per type, packages per status, orders offered.

    With `from` and `to` (event uuids) `window` holds the figures of the events in between, `to` not included: identities begin
    with their milliseconds, so a day has its bounds.
    """
    asking.only(request.GET, "from", "to")
    seller_id = _seller(request)
    found = packages.handover(seller_id)
    if "from" in request.GET or "to" in request.GET:
        bounds = [_uuid(request, name) for name in ("from", "to")]
        found["window"] = queries.events_between(seller_id, bounds[0], bounds[1])
    return found


def _uuid(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        raise Invalid(fields={name: ["Expected a uuid."]}) from None


@router.get("/handover/packages/digests/")
@rest.needs("oms:read")
def package_digests(request: HttpRequest) -> Any:
    """Digests of the seller's packages per day (of their making) and state; `digits` 2, 4 or 6 parts them further.

    `place` narrows: `day`, `day/state` or `day/state/digits`. A digest is the exclusive or of the first 64 bits of the MD5
    of each `number|state|sequence`. With `fields=1` each also holds `fields`, made alike of each `number|mark`; a mark is sixteen
    digits of the MD5 of `amount|shipping company|invoice number|newest tracking number (shipped on)|location (until it is
    finished)|items`.
    """
    asking.only(request.GET, "place", "digits", "fields")
    place = asking.within(request.GET.get("place", ""))
    digits = asking.one_of("digits", request.GET.get("digits"), asking.DIGITS, 0)
    fields = asking.flag("fields", request.GET.get("fields"))
    return _results(held.package_digests(_seller(request), place, digits, fields=fields), asking.MOST_DIGESTS)


@router.get("/handover/packages/rows/")
@rest.needs("oms:read")
def package_rows(request: HttpRequest) -> Any:
    """`[number, state, sequence]` of the packages in each `place` (repeatable); at most 10,000, else 400.

    With `fields=1` the mark of each follows.
    """
    asking.only(request.GET, "place", "fields")
    places = asking.many_within(request.GET.getlist("place"))
    fields = asking.flag("fields", request.GET.get("fields"))
    return _results(held.package_rows(_seller(request), places, fields=fields))


@router.get("/handover/packages/details/")
@rest.needs("oms:read")
def package_details(request: HttpRequest) -> Any:
    """Whole packages by `number` and by `order` (both repeatable, up to 100 each), with the event that made them so.

    `brief=1` leaves lines and event out. Orders that have more than 1,000 packages together are refused with 400: ask about fewer.
    """
    asking.only(request.GET, "number", "order", "brief")
    brief = asking.flag("brief", request.GET.get("brief"))
    numbers = asking.few("number", request.GET.getlist("number"))
    order_ids = asking.few_ids("order", request.GET.getlist("order"))
    return _results(
        queries.package_details(_seller(request), numbers=numbers, order_ids=order_ids, brief=brief)
    )


@router.get("/handover/orders/digests/")
@rest.needs("oms:read")
def order_digests(request: HttpRequest) -> Any:
    """Digests of the seller's orders per range of 2^`bits` ids (8, 16 or 24) within `place` (`from-to`).

    A digest is the exclusive or of the first 64 bits of the MD5 of each `id|microseconds of modified_date since 1970`. With
    `fields=1` each also holds `fields`, made alike of each `id|mark`; a mark is made of what was handed over of the order: number,
    money, payment, delivery, customer, addresses, and its lines but for those cancelled or given back. With `fields=2` the
    mark also covers the status of each of these lines and of the order.
    """
    asking.only(request.GET, "place", "bits", "fields")
    ((low, high),) = asking.ranges(request.GET.getlist("place")[-1:])
    bits = asking.one_of("bits", request.GET.get("bits"), BITS, 16)
    fields = asking.one_of("fields", request.GET.get("fields"), asking.DEPTHS, 0)
    return _results(held.order_digests(_seller(request), low, high, bits, fields=fields), asking.MOST_DIGESTS)


@router.get("/handover/orders/rows/")
@rest.needs("oms:read")
def order_rows(request: HttpRequest) -> Any:
    """`[id, modified_date, packages]` of the orders in each `place` (`from-to`, repeatable); at most 10,000, else 400.

    With `fields=1` or `fields=2` the mark of each follows.
    """
    asking.only(request.GET, "place", "fields")
    ranges = asking.ranges(request.GET.getlist("place"))
    fields = asking.one_of("fields", request.GET.get("fields"), asking.DEPTHS, 0)
    return _results(held.order_rows(_seller(request), ranges, fields=fields))


@router.post("/handover/orders/")
@rest.needs("oms:write")
def take_back_orders(request: HttpRequest) -> Any:
    """Put orders back that this side has lost, from the records they were offered as (up to 100, under their seals).

    A verdict for each: `restored`, `present`, or `refused` with the reason. What is here is never changed.
    """
    body = strict_json.loads(request.body)
    records = body.get("orders") if isinstance(body, dict) else None
    if not isinstance(records, list) or len(records) > MOST_ORDERS:
        raise Invalid(fields={"orders": [f"A list of up to {MOST_ORDERS} orders is required."]})
    verdicts = take_back(records, seller_id=_seller(request), now=clock.now())
    restored = [one.id for one in verdicts if one.outcome == RESTORED]
    if restored:
        accounts.audit(request.principal, "take_back_orders", "order", restored[0], {"orders": restored})
    return {"results": [{"id": one.id, "outcome": one.outcome, "reason": one.reason} for one in verdicts]}


def _results(rows: list[Any], most: int | None = None) -> dict[str, Any]:
    asking.not_too_many(rows, most or asking.MOST_ROWS)
    return {"results": rows}

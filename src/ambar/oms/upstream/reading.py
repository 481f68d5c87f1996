"""From the wire's order to the domain's: parsing, the view filters look at, and the incoming order itself."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from ambar.kit.text import is_digits
from ambar.oms.orders.domain import bundles
from ambar.oms.orders.domain.incoming import (
    IncomingCancellationPlan,
    IncomingItem,
    IncomingOrder,
    IncomingPlanItem,
)
from ambar.oms.places.domain.naming import NOTHING, Asked, Found, Named
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.schemas import (
    WireAddress,
    WireCargo,
    WireOrder,
    WirePlace,
    WirePlan,
    WireReason,
    parent_of,
)
from ambar.oms.upstream.text import shown

ONE = Decimal(1)
ZERO = Decimal(0)


_PLAIN = {
    "model_type": "Input should be a valid dictionary",
    "model_attributes_type": "Input should be a valid dictionary",
    "decimal_type": "Input should be a valid decimal",
}
"""Kinds of error that pydantic tells by names of Python; the same said without."""


class Unreadable(Exception):
    """A record that is not what the contract says; the text names the first fields that are wrong."""


def order(record: Any) -> WireOrder:
    """A detailed order, checked. Raises `Unreadable`."""
    return _validated(WireOrder, record)


def plan(record: Any) -> WirePlan:
    """A cancellation plan, checked. Raises `Unreadable`."""
    return _validated(WirePlan, record)


def _validated(schema: Any, record: Any) -> Any:
    try:
        return schema.model_validate(record)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        told: dict[str, str] = {}
        for problem in problems:
            path = ".".join(str(part) for part in problem["loc"] if not _is_of_schema(part)) or "order"
            told.setdefault(path, _words(problem["type"], problem["msg"]))
        shown = [f"{path}: {words}" for path, words in list(told.items())[:5]]
        raise Unreadable("; ".join(shown)) from None


def _is_of_schema(part: int | str) -> bool:
    """A step of a path that names which form of a value was tried, and is no field of the record."""
    return isinstance(part, str) and (
        part.startswith("Wire") or not part.isidentifier() or part in ("int", "str")
    )


def _words(kind: str, message: str) -> str:
    return _PLAIN.get(kind, message.removeprefix("Value error, "))


def cause_of(reason: str) -> str:
    """The first field a reason names, without the numbers of lines: what orders with the same fault have in common."""
    path = reason.partition(":")[0]
    return ".".join(part for part in path.split(".") if not is_digits(part))[:200]


def view(wire: WireOrder) -> dict[str, Any]:
    """What the filtering rules may ask about."""
    address = wire.shipping_address
    return {
        "status": str(wire.status),
        "number": wire.number,
        "supplier_code": wire.supplier_code or "",
        "channel": str(wire.channel.pk),
        "channel_name": wire.channel.name,
        "currency": wire.currency or "",
        "amount": wire.amount,
        "item_count": len(wire.orderitem_set),
        "sku": [item.product.sku for item in wire.orderitem_set],
        "country_code": _named(address.country).code or "",
        "city": _named(address.city).name or "",
        "township": _named(address.township).name or "",
        "payment_option_slug": wire.payment_option_slug or "",
        "shipping_option_slug": wire.shipping_option_slug or "",
        "delivery_type": wire.delivery_type or "",
        "date_placed": wire.date_placed,
    }


def asked(wire: WireOrder) -> Asked:
    """The places of the shipping address, to be looked up."""
    address = wire.shipping_address
    return Asked(
        country=_named(address.country),
        city=_named(address.city),
        township=_named(address.township),
        district=_named(address.district),
    )


def _named(place: WirePlace | int | None) -> Named:
    if place is None:
        return NOTHING
    if isinstance(place, int):
        return Named(upstream_id=place)
    return Named(upstream_id=place.pk, name=place.name, code=place.code)


def quantity(
    attributes: dict[str, Any] | None, given: Decimal | None, key: str, *, line: int | None = None
) -> Decimal:
    """Units of a line: one, unless the item is merged (Akinon: "Splitting a Merged Order Item").

    Raises `Unreadable`, which names the `line`, counted from 0, where it is given.
    """
    value = attributes.get(key, given) if attributes else given
    if value is None:
        return ONE
    path = "orderitem_set.quantity" if line is None else f"orderitem_set.{line}.quantity"
    try:
        units = Decimal(str(value))
    except InvalidOperation:
        raise Unreadable(f"{path}: {shown(value)} is not a number") from None
    if not units.is_finite() or not 0 < units <= 1_000_000 or units != round(units, 3):
        raise Unreadable(
            f"{path}: {shown(value)} is not a usable quantity"
            " (above 0, at most 1000000, at most 3 digits after the point)"
        )
    return units


def incoming(
    wire: WireOrder,
    record: dict[str, Any],
    *,
    source: str,
    configured: Configured,
    channel_id: int,
    products: dict[str, int],
    places: Found,
) -> IncomingOrder:
    """The order as the orders room takes it."""
    return IncomingOrder(
        source=source,
        upstream_id=wire.pk,
        number=wire.number,
        channel_id=channel_id,
        upstream_modified_at=wire.modified_date,
        date_placed=wire.date_placed,
        items=bundles.arranged(
            [_item(item, configured.quantity_key, products) for item in wire.orderitem_set]
        ),
        state=wire.status,
        supplier_code=wire.supplier_code or configured.supplier_code,
        currency=wire.currency or "",
        amount=wire.amount,
        shipping_amount=wire.shipping_amount or ZERO,
        discount_amount=wire.discount_amount or ZERO,
        customer=_customer(wire),
        shipping_address=_snapshot(wire.shipping_address),
        billing_address=_snapshot(wire.billing_address or wire.shipping_address),
        country_id=places.ids["country"],
        city_id=places.ids["city"],
        township_id=places.ids["township"],
        district_id=places.ids["district"],
        latitude=places.latitude,
        longitude=places.longitude,
        cargo_company=_cargo(wire.cargo_company, configured),
        shipping_option_slug=wire.shipping_option_slug,
        payment_type=wire.payment_option_slug,
        delivery_type=wire.delivery_type,
        delivery_range=wire.delivery_range,
        notes=wire.notes or "",
        raw=record,
    )


def _item(item: Any, key: str, products: dict[str, int]) -> IncomingItem:
    return IncomingItem(
        upstream_id=item.pk,
        sku=item.product.sku,
        product_id=products[item.product.sku],
        quantity=quantity(item.attributes, item.quantity, key),
        price=item.price,
        tax_rate=item.tax_rate,
        discount_amount=item.discount_amount or ZERO,
        currency=item.price_currency or "",
        state=item.status,
        attributes=item.attributes or {},
        tracking_number=item.tracking_number,
        invoice_number=item.invoice_number,
        parent_upstream_id=parent_of(item),
    )


def _customer(wire: WireOrder) -> dict[str, Any]:
    customer = wire.customer
    return {
        "id": customer.pk,
        "first_name": customer.first_name or "",
        "last_name": customer.last_name or "",
        "email": customer.email or "",
        "phone_number": customer.phone_number or "",
        "type": customer.user_type or "",
    }


def _snapshot(address: WireAddress) -> dict[str, Any]:
    country = address.country
    return {
        "title": address.title or "",
        "first_name": address.first_name or "",
        "last_name": address.last_name or "",
        "email": address.email or "",
        "phone_number": address.phone_number or "",
        "country": _name(country),
        "country_code": (country.code or "") if isinstance(country, WirePlace) else "",
        "city": _name(address.city),
        "township": _name(address.township),
        "district": _name(address.district),
        "line": address.line or "",
        "postcode": address.postcode or "",
        "company_name": address.company_name or "",
        "tax_office": address.tax_office or "",
        "tax_no": address.tax_no or "",
        "e_bill_taxpayer": bool(address.e_bill_taxpayer),
        "identity_number": address.identity_number or "",
        "notes": address.notes or "",
    }


def _name(place: WirePlace | int | None) -> str:
    return (place.name or "") if isinstance(place, WirePlace) else ""


def _cargo(cargo: WireCargo | str | None, configured: Configured) -> str | None:
    code = cargo.shipping_company if isinstance(cargo, WireCargo) else cargo
    if code and (not configured.cargo_company_map or code in configured.cargo_company_map):
        return code
    return configured.default_cargo_company or code


def cancellation_plan(wire: WirePlan, record: dict[str, Any], *, source: str) -> IncomingCancellationPlan:
    """The plan as the orders room takes it."""
    return IncomingCancellationPlan(
        source=source,
        upstream_id=wire.pk,
        order_upstream_id=wire.order if isinstance(wire.order, int) else wire.order.pk,
        order_number=None if isinstance(wire.order, int) else wire.order.number,
        plan_type=wire.plan_type,
        status=wire.status,
        upstream_modified_at=wire.modified_date,
        items=tuple(
            IncomingPlanItem(
                order_item=item.order_item,
                reason=_reason(item.reason),
                refund_amount=item.refund_amount,
                quantity=item.quantity,
            )
            for item in wire.cancellationplanorderitem_set
        ),
        raw=record,
    )


def _reason(reason: WireReason | str | int | None) -> str:
    if isinstance(reason, WireReason):
        return reason.subject or ""
    return "" if reason is None else str(reason)

"""Wire shapes of upstream: the detailed order, the cancellation plan, and the settings of the hand-over.

Shapes: `contracts/seller-center-to-oms/`. Keys that are not named here are ignored and stay in the stored record.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from ambar.kit import clock
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.oms.orders.domain import bundles, delivery_windows
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.upstream import status_soundness
from ambar.oms.upstream.domain import filters, statuses
from ambar.oms.upstream.text import shown

_CENT = Decimal("0.01")
_MOST_MONEY = Decimal("999999999999.99")


def _money(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) > _MOST_MONEY:
        raise ValueError("is not an amount of money")
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def _status(value: Any) -> int:
    found = statuses.code(value)
    if found is None:
        raise ValueError(f"{shown(value)} is not an order status")
    return found


def _as_text(value: Any) -> Any:
    """A number is no moment: read as seconds since 1970 it would make an order old or new by accident."""
    if not isinstance(value, str | datetime):
        raise ValueError("must be an ISO 8601 moment")
    return value


def _in_calendar(value: datetime) -> datetime:
    """What PostgreSQL would keep and Python could never read again is refused."""
    try:
        moment = value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside the calendar") from error
    return clock.within(moment, first=_FIRST_YEAR)


_FIRST_YEAR = 1900
Moment = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_in_calendar)]
Money = Annotated[Decimal, AfterValidator(_money)]
Status = Annotated[int, BeforeValidator(_status)]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Blank = Text | None
MOST_LINES = 2000
"""Lines of one order, and of one cancellation plan."""

Id = Annotated[int, Field(gt=0, le=2**63 - 1, strict=True)]
_PK = AliasChoices("pk", "id")


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore")


class WirePlace(_Wire):
    """A country, city, township or district, nested."""

    pk: Id | None = Field(default=None, validation_alias=_PK)
    name: Text | None = None
    code: Text | None = None


PlaceOrId = WirePlace | Id | None


class WireAddress(_Wire):
    """An address with nested places."""

    title: Blank = None
    first_name: Blank = None
    last_name: Blank = None
    email: Blank = None
    phone_number: Blank = None
    country: PlaceOrId = None
    city: PlaceOrId = None
    township: PlaceOrId = None
    district: PlaceOrId = None
    line: Blank = None
    postcode: Blank = None
    company_name: Blank = None
    tax_office: Blank = None
    tax_no: Blank = None
    e_bill_taxpayer: bool | None = False
    identity_number: Blank = None
    notes: Blank = None


class WireCustomer(_Wire):
    """The customer, nested."""

    pk: Id | None = Field(default=None, validation_alias=_PK)
    email: Blank = None
    first_name: Blank = None
    last_name: Blank = None
    phone_number: Blank = None
    user_type: Blank = None


class WireChannel(_Wire):
    """The static channel that comes with every order."""

    pk: Id = Field(validation_alias=_PK)
    name: Text = Field(default="", max_length=255)
    channel_type: Text = Field(default="sales_channel", max_length=64)


class WireProduct(_Wire):
    """The product of an item, matched by SKU."""

    pk: Id | None = Field(default=None, validation_alias=_PK)
    sku: Text = Field(min_length=1, max_length=128)
    name: Blank = Field(default=None, max_length=255)
    barcode: Blank = Field(default=None, max_length=128)
    attributes: dict[str, Any] | None = None


class WireCargo(_Wire):
    """A cargo company, nested."""

    shipping_company: Text | None = None
    erp_code: Text | None = None


class WireParent(_Wire):
    """The head of a bundle, nested."""

    pk: Id = Field(validation_alias=_PK)


class WireItem(_Wire):
    """One order line; `parent` is the line it is a part of, as an id or nested."""

    pk: Id = Field(validation_alias=_PK)
    product: WireProduct
    status: Status
    price: Money
    tax_rate: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(0)
    discount_amount: Money | None = None
    price_currency: Blank = Field(default=None, max_length=8)
    quantity: Decimal | None = None
    attributes: dict[str, Any] | None = None
    tracking_number: Text | None = Field(default=None, max_length=256)
    invoice_number: Text | None = Field(default=None, max_length=128)
    parent: Id | WireParent | None = None


def parent_of(item: WireItem) -> int | None:
    """The id of the line this one is a part of."""
    return item.parent.pk if isinstance(item.parent, WireParent) else item.parent


class WireOrder(_Wire):
    """A detailed order as listed at `applications/oms/orders/`."""

    pk: Id = Field(validation_alias=_PK)
    number: Text = Field(min_length=1, max_length=128)
    channel: WireChannel
    status: Status
    date_placed: Moment
    modified_date: Moment
    supplier_code: Blank = Field(default=None, max_length=128)
    customer: WireCustomer
    shipping_address: WireAddress
    billing_address: WireAddress | None = None
    currency: Blank = Field(default=None, max_length=8)
    amount: Money
    shipping_amount: Money | None = None
    discount_amount: Money | None = None
    payment_option_slug: Text | None = Field(default=None, max_length=64)
    shipping_option_slug: Text | None = Field(default=None, max_length=128)
    cargo_company: WireCargo | Text | None = None
    delivery_type: Text | None = Field(default=None, max_length=64)
    delivery_range: Text | None = Field(default=None, max_length=128)
    notes: Blank = None
    orderitem_set: list[WireItem] = Field(min_length=1, max_length=MOST_LINES)

    @field_validator("delivery_range", mode="before")
    @classmethod
    def _range_as_text(cls, value: Any) -> Any:
        return delivery_windows.as_text(value)

    @field_validator("orderitem_set")
    @classmethod
    def _each_item_once(cls, value: list[WireItem]) -> list[WireItem]:
        if len({item.pk for item in value}) < len(value):
            raise ValueError("an item is listed twice")
        if bundles.loops({item.pk: parent_of(item) for item in value}):
            raise ValueError("an item is a part of itself")
        return value


class WireReason(_Wire):
    subject: Blank = None


class WirePlanItem(_Wire):
    order_item: Id
    reason: WireReason | Text | Id | None = None
    refund_amount: Money | None = None
    quantity: Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=3)] | None = None


class WirePlanOrder(_Wire):
    pk: Id = Field(validation_alias=_PK)
    number: Text | None = Field(default=None, max_length=128)


class WirePlan(_Wire):
    """A cancellation plan as pushed or listed."""

    pk: Id = Field(validation_alias=_PK)
    plan_type: Annotated[str, Field(pattern="^(cancel|refund)$")]
    status: Text = Field(max_length=32)
    order: WirePlanOrder | Id
    modified_date: Moment
    cancellationplanorderitem_set: list[WirePlanItem] = Field(default_factory=list, max_length=MOST_LINES)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OrderFilterBody(_Strict):
    """One filtering rule: a name for people and a condition tree."""

    name: str = Field(min_length=1, max_length=255)
    condition: dict[str, Any]


class ShippingBody(_Strict):
    """Which cargo companies are used, by the code upstream uses; `default` for orders that name none of them."""

    cargo_company_map: dict[str, str] = Field(default_factory=dict)
    default: str | None = None


class SellerCenterSettingsBody(_Strict):
    """SELLER_CENTER_SETTINGS (Akinon: "Configuring Seller Center Settings for OMS Integration")."""

    supplier_code: str = Field(min_length=1, max_length=128)
    order_filters: list[OrderFilterBody] = Field(default_factory=list)
    status_map: dict[str, str] | None = None
    shipping: ShippingBody = ShippingBody()
    poll_seconds: float = Field(default=5, ge=0.25, le=3600)
    overlap_seconds: float = Field(default=10, ge=0, le=86400)
    quantity_key: str = Field(default="quantity", min_length=1, max_length=64)
    hook_secret: str | None = Field(default=None, min_length=8, max_length=124)
    previous_hook_secret: str | None = Field(default=None, min_length=8, max_length=124)

    @field_validator("status_map", mode="before")
    @classmethod
    def _codes_may_be_numbers(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {str(state): code if isinstance(code, bool) else str(code) for state, code in value.items()}

    @field_validator("status_map")
    @classmethod
    def _known_codes(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        states = {str(int(state)) for state in PackageStatus}
        for state, code in (value or {}).items():
            if state not in states:
                raise ValueError(f'"{state}" is not a package state')
            if not is_digits(code) or int(code) not in statuses.CODES:
                raise ValueError(f'"{code}" (of state {state}) is not an order item status')
        return value


def check_settings(body: SellerCenterSettingsBody) -> None:
    """Beyond the schema: conditions must compile, the default carrier must be mapped, no status may go backwards."""
    try:
        filters.compiled([rule.model_dump() for rule in body.order_filters])
    except Invalid as error:
        raise Invalid(fields={"json_value": [f"order_filters: {error.message}"]}) from None
    shipping = body.shipping
    if (
        shipping.default is not None
        and shipping.cargo_company_map
        and shipping.default not in shipping.cargo_company_map
    ):
        raise Invalid(
            fields={"json_value": [f'shipping.default: "{shipping.default}" is not in cargo_company_map.']}
        )
    if body.status_map is not None:
        _never_backwards({int(state): int(code) for state, code in body.status_map.items()})


def _never_backwards(status_map: dict[int, int]) -> None:
    wrong = [one for one in status_soundness.findings(status_map) if one.code == "backwards"]
    if wrong:
        raise Invalid(fields={"json_value": [f"status_map: {one.what}" for one in wrong]})


class LearnedAlias(_Strict):
    """A name that stands for a known place."""

    level: Annotated[str, Field(pattern="^(country|city|township|district)$")]
    parent: int = Field(default=0, ge=0, le=2**63 - 1)
    name: Text = Field(min_length=1, max_length=255)
    target: Id


class Redrive(_Strict):
    """Which quarantined orders to offer again: ids, or all of one cause; `preview` changes nothing.

    `rename`: an order that is here under another number gets the number it comes with.
    """

    ids: list[Id] | None = Field(default=None, max_length=1000)
    cause: Text | None = Field(default=None, max_length=400)
    preview: bool = False
    rename: bool = False


class Discard(_Strict):
    """Why a quarantined order is given up."""

    reason: Text = Field(min_length=1, max_length=500)


def moment(value: datetime) -> str:
    """A time as the wire writes it."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

"""Wire shapes of orders and items that callers send. Lengths are those public clients cut to."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from ambar.kit import rest
from ambar.kit.refusals import Invalid
from ambar.omnitron.customers.schemas import PostalAddress
from ambar.omnitron.orders.domain.status import parse
from ambar.omnitron.wire import Amount, Key, Moment, Text, text_in

Json = dict[str, Any]


def _status(value: Any) -> int:
    try:
        return parse(value)
    except Invalid as refusal:
        raise ValueError(refusal.fields["status"][0]) from refusal


Status = Annotated[int, BeforeValidator(_status)]
Money = Annotated[Amount, Field(ge=0, lt=Decimal(10) ** 13)]
Percent = Annotated[Amount, Field(ge=0, le=1000)]
Currency = Annotated[str, Field(min_length=3, max_length=8)]
Short = Annotated[str, BeforeValidator(lambda value: value if value is None else text_in(value))]
Code = Annotated[Short, Field(max_length=128)] | None
Long = Annotated[Short, Field(max_length=256)] | None
Url = Annotated[Short, Field(max_length=1024)] | None


class ItemFields(rest.OpenBody):
    """What may be changed of an item once it exists."""

    status: Status | None = None
    shipping_company: Annotated[Short, Field(max_length=64)] | None = None
    shipment_code: Code = None
    tracking_number: Long = None
    carrier_shipping_code: Long = None
    invoice_number: Code = None
    invoice_date: Moment = None
    e_archive_url: Url = None
    cancel_status: (
        Annotated[str, Field(pattern="^(waiting_approval|approved|confirmed|rejected|completed)$")] | None
    ) = None
    extra_field: Json | None = None
    delivered_date: Moment = None
    estimated_delivery_date: Moment = None
    attributes: Json | None = None
    attributes_kwargs: Json | None = None
    localized_attributes: Json | None = None
    localized_attributes_kwargs: Json | None = None


class ItemStatusIn(rest.OpenBody):
    """One row of `bulk_status_update`."""

    id: Key
    status: Status | None = None
    invoice_number: Code = None
    invoice_date: Moment = None
    e_archive_url: Url = None
    tracking_number: Long = None
    shipping_company: Annotated[Short, Field(max_length=64)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _either_key(cls, data: Any) -> Any:
        if isinstance(data, dict) and "id" not in data and "pk" in data:
            return {**data, "id": data["pk"]}
        return data


class ItemStatusSet(rest.OpenBody):
    orderitem_set: Annotated[list[ItemStatusIn], Field(min_length=1, max_length=5000)]


class ItemIn(ItemFields):
    """One item of a new order; the product by `product` (key) or `sku`; `price` is the item's total, tax included."""

    product: Key | None = None
    sku: Annotated[str, Field(max_length=128)] | None = None
    status: Status = 400
    price_currency: Currency | None = None
    price: Money
    retail_price: Money | None = None
    tax_rate: Percent = Decimal(0)
    discount_amount: Money = Decimal(0)
    installment_interest_amount: Money = Decimal(0)
    price_list: Key | None = None
    stock_list: Key | None = None
    parent: Key | None = None


class OwnItemIn(ItemIn):
    """An item added to an order that exists."""

    order: Key


class OrderCustomer(rest.OpenBody):
    """Who orders; found again in the channel by `channel_code`, else by e-mail, else by phone."""

    email: Annotated[Text, Field(max_length=254)] = ""
    first_name: Annotated[Text, Field(max_length=255)] = ""
    last_name: Annotated[Text, Field(max_length=255)] = ""
    phone_number: Annotated[Text, Field(max_length=128)] = ""
    channel_code: Annotated[Short, Field(max_length=255)] | None = None
    user_type: Annotated[str, Field(max_length=32)] = "registered"
    extra_field: Json = {}

    @model_validator(mode="after")
    def _somebody(self) -> "OrderCustomer":
        if not (self.channel_code or self.email or self.phone_number):
            raise ValueError("Give email, phone_number or channel_code.")
        return self


class OrderIn(rest.OpenBody):
    """A whole order. Customer and addresses are given by key or written out; no billing address means the shipping one."""

    number: Annotated[Short, Field(min_length=1, max_length=128)] | None = None
    channel: Key
    status: Status | None = None
    date_placed: Moment = None
    customer: Key | OrderCustomer
    shipping_address: Key | PostalAddress
    billing_address: Key | PostalAddress | None = None
    currency: Currency = "try"
    amount: Money | None = None
    shipping_amount: Money = Decimal(0)
    shipping_tax_rate: Percent = Decimal(0)
    net_shipping_amount: Money | None = None
    discount_amount: Money = Decimal(0)
    refund_amount: Money = Decimal(0)
    extra_field: Json = {}
    payment_option: Key | None = None
    payment_option_slug: Code = None
    shipping_option_slug: Code = None
    cargo_company: Key | Annotated[str, Field(max_length=128)] | None = None
    notes: Annotated[Text, Field(max_length=320)] = ""
    segment: Annotated[Short, Field(max_length=64)] | None = None
    bin_number: Annotated[Short, Field(max_length=32)] | None = None
    client_type: Annotated[Text, Field(max_length=32)] = "default"
    installment: Annotated[int, Field(ge=0, le=1000)] | None = None
    remote_addr: Annotated[Short, Field(max_length=64)] | None = None
    has_gift_box: bool = False
    gift_box_note: Annotated[Text, Field(max_length=160)] = ""
    delivery_type: Annotated[Short, Field(max_length=64)] | None = None
    delivery_range: Any = None
    language_code: Annotated[Text, Field(max_length=16)] = "tr-tr"
    external_status: Annotated[Short, Field(max_length=64)] | None = None
    tracking_number: Long = None
    carrier_shipping_code: Long = None
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=500)]

    @model_validator(mode="before")
    @classmethod
    def _names_of_items(cls, data: Any) -> Any:
        if isinstance(data, dict) and "items" not in data:
            for other in ("orderitem_set", "order_item"):
                if other in data:
                    return {**data, "items": data[other]}
        return data


class OrderPatch(rest.OpenBody):
    """Only `is_send` can be changed; everything else of an order is read-only here."""

    is_send: bool | None = None

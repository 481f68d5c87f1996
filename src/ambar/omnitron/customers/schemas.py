"""Wire shapes of customers and addresses that callers send."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from ambar.kit import rest
from ambar.omnitron.wire import Key, Moment, Text

Named = Annotated[Text, Field(max_length=255)]
PlaceName = Key | Annotated[str, Field(max_length=255)] | dict[str, Any] | None
Json = dict[str, Any]


class CustomerPatch(rest.OpenBody):
    email: Annotated[Text, Field(max_length=254)] = ""
    first_name: Named = ""
    last_name: Named = ""
    phone_number: Annotated[Text, Field(max_length=128)] = ""
    is_active: bool = True
    channel_code: Annotated[Text, Field(max_length=255)] | None = None
    erp_code: Annotated[Text, Field(max_length=128)] | None = None
    extra_field: Json = {}
    date_joined: Moment = None
    email_allowed: bool = False
    sms_allowed: bool = False
    call_allowed: bool = False
    gender: Annotated[str, Field(max_length=32)] | None = None
    user_type: Annotated[str, Field(max_length=32)] = "registered"
    date_of_birth: date | None = None
    attributes: Json = {}
    attributes_kwargs: Json = {}
    localized_attributes: Json = {}
    localized_attributes_kwargs: Json = {}


class CustomerIn(CustomerPatch):
    channel: Key | None = None


class PostalAddress(rest.OpenBody):
    """An address; places are given by key or by name, each level looked for inside the one above."""

    country: PlaceName = None
    city: PlaceName = None
    township: PlaceName = None
    district: PlaceName = None
    title: Annotated[Text, Field(max_length=128)] = ""
    email: Annotated[Text, Field(max_length=254)] = ""
    phone_number: Annotated[Text, Field(max_length=128)] = ""
    first_name: Named = ""
    last_name: Named = ""
    line: Named = ""
    postcode: Annotated[Text, Field(max_length=64)] = ""
    notes: Annotated[Text, Field(max_length=512)] = ""
    company_name: Named = ""
    tax_office: Annotated[Text, Field(max_length=64)] = ""
    tax_no: Annotated[Text, Field(max_length=20)] = ""
    e_bill_taxpayer: bool = False
    identity_number: Annotated[Text, Field(max_length=64)] = ""
    address_type: Annotated[str, Field(pattern="^(customer|retail_store|checkout_provider)$")] = "customer"
    retail_store: Key | None = None
    remote_id: Annotated[Text, Field(max_length=128)] | None = None
    extra_field: Json = {}
    is_active: bool = True


class AddressIn(PostalAddress):
    customer: Key

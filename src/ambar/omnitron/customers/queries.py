"""Reads of customers and addresses: listed with relations as keys, or nested as detailed orders carry them."""

from __future__ import annotations

from typing import Any

from ambar.omnitron import wire
from ambar.omnitron.customers.models import Address, Customer
from ambar.omnitron.places import queries as places

Shape = dict[str, Any]


def customer_json(row: Customer) -> Shape:
    """A customer as listed; `channel` is a key."""
    return {
        **wire.identity(row.pk),
        "channel": row.channel_id,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "phone_number": row.phone_number,
        "is_active": row.is_active,
        "channel_code": row.channel_code,
        "erp_code": row.erp_code,
        "extra_field": row.extra_field,
        "date_joined": wire.moment(row.date_joined),
        "email_allowed": row.email_allowed,
        "sms_allowed": row.sms_allowed,
        "call_allowed": row.call_allowed,
        "gender": row.gender,
        "user_type": row.user_type,
        "date_of_birth": row.date_of_birth.isoformat() if row.date_of_birth else None,
        "attributes": row.attributes,
        "attributes_kwargs": row.attributes_kwargs,
        "localized_attributes": row.localized_attributes,
        "localized_attributes_kwargs": row.localized_attributes_kwargs,
        **wire.dates(row),
    }


def short_sql(key: str) -> str:
    """SQL of a customer as embedded in detailed orders; `key` is SQL too."""
    names = ("email", "first_name", "last_name", "phone_number", "user_type", "channel_code")
    return wire.record_sql(
        {**wire.IDENTITY_SQL, **{name: name for name in names}},
        f"FROM omnitron_customers_customer WHERE id = {key}",
    )


OWN = (
    "title",
    "first_name",
    "last_name",
    "email",
    "phone_number",
    "line",
    "postcode",
    "company_name",
    "tax_office",
    "tax_no",
    "e_bill_taxpayer",
    "identity_number",
    "notes",
    "address_type",
    "is_active",
)
"""What an address says besides what it belongs to; on the wire as in the table."""


def address_json(row: Address) -> Shape:
    """An address as listed; places and customer are keys."""
    return {
        **wire.identity(row.pk),
        **{name: getattr(row, name) for name in OWN},
        "customer": row.customer_id,
        "country": row.country_id,
        "city": row.city_id,
        "township": row.township_id,
        "district": row.district_id,
        "hash_data": row.hash_data,
        "retail_store": row.retail_store_id,
        "remote_id": row.remote_id,
        "extra_field": row.extra_field,
        **wire.dates(row),
    }


def nested_sql(key: str) -> str:
    """SQL of an address with its places nested, as detailed orders carry it; `key` is SQL too."""
    return wire.record_sql(
        {**wire.IDENTITY_SQL, **{name: name for name in OWN}, **places.nested_sql("address")},
        f"FROM omnitron_customers_address address WHERE id = {key}",
    )

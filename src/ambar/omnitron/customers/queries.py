"""Reads of customers and addresses: listed with relations as keys, or nested as detailed orders carry them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ambar.omnitron import wire
from ambar.omnitron.customers.models import Address, Customer
from ambar.omnitron.places.queries import Nested

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


def customers_short(keys: Iterable[int]) -> dict[int, Shape]:
    """Customers by key as embedded in detailed orders."""
    return {
        row.pk: {
            **wire.identity(row.pk),
            "email": row.email,
            "first_name": row.first_name,
            "last_name": row.last_name,
            "phone_number": row.phone_number,
            "user_type": row.user_type,
            "channel_code": row.channel_code,
        }
        for row in Customer.objects.filter(pk__in=set(keys))
    }


def _own(row: Address) -> Shape:
    return {
        "title": row.title,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "phone_number": row.phone_number,
        "line": row.line,
        "postcode": row.postcode,
        "company_name": row.company_name,
        "tax_office": row.tax_office,
        "tax_no": row.tax_no,
        "e_bill_taxpayer": row.e_bill_taxpayer,
        "identity_number": row.identity_number,
        "notes": row.notes,
        "address_type": row.address_type,
        "is_active": row.is_active,
    }


def address_json(row: Address) -> Shape:
    """An address as listed; places and customer are keys."""
    return {
        **wire.identity(row.pk),
        **_own(row),
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


def addresses_nested(keys: Iterable[int]) -> dict[int, Shape]:
    """Addresses by key with their places nested: five reads for any number."""
    rows = list(Address.objects.filter(pk__in=set(keys)))
    places = Nested(
        countries=[row.country_id for row in rows],
        cities=[row.city_id for row in rows],
        townships=[row.township_id for row in rows if row.township_id],
        districts=[row.district_id for row in rows if row.district_id],
    )
    return {
        row.pk: {
            **wire.identity(row.pk),
            **_own(row),
            "country": places.countries[row.country_id],
            "city": places.cities[row.city_id],
            "township": places.townships.get(row.township_id or 0),
            "district": places.districts.get(row.district_id or 0),
        }
        for row in rows
    }

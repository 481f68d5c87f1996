"""Writing customers and addresses as sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambar.kit import prepared
from ambar.omnitron.catalogue.store import as_json

CUSTOMERS = """
    INSERT INTO omnitron_customers_customer AS c (channel_id, email, first_name, last_name, phone_number, is_active,
        channel_code, extra_field, email_allowed, sms_allowed, call_allowed, user_type, attributes, attributes_kwargs,
        localized_attributes, localized_attributes_kwargs, created_at, modified_at)
    SELECT channel, email, first_name, last_name, phone_number, true, channel_code, extra_field, false, false, false,
        user_type, '{}', '{}', '{}', '{}', %(now)s::timestamptz, %(now)s::timestamptz
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(channel bigint, email text, first_name text, last_name text,
        phone_number text, channel_code text, user_type text, extra_field jsonb)
    ORDER BY channel, channel_code
    ON CONFLICT (channel_id, channel_code) DO UPDATE SET
        email = COALESCE(NULLIF(excluded.email, ''), c.email),
        first_name = COALESCE(NULLIF(excluded.first_name, ''), c.first_name),
        last_name = COALESCE(NULLIF(excluded.last_name, ''), c.last_name),
        phone_number = COALESCE(NULLIF(excluded.phone_number, ''), c.phone_number),
        user_type = excluded.user_type, modified_at = excluded.modified_at
    RETURNING channel_id, channel_code, id
"""
ADDRESSES = """
    INSERT INTO omnitron_customers_address (customer_id, country_id, city_id, township_id, district_id, title, email,
        phone_number, first_name, last_name, line, postcode, notes, company_name, tax_office, tax_no, e_bill_taxpayer,
        identity_number, address_type, retail_store_id, remote_id, hash_data, extra_field, is_active, created_at,
        modified_at)
    SELECT customer, country, city, township, district, title, email, phone_number, first_name, last_name, line,
        postcode, notes, company_name, tax_office, tax_no, e_bill_taxpayer, identity_number, address_type,
        retail_store, remote_id, hash_data, extra_field, is_active, %(now)s::timestamptz, %(now)s::timestamptz
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(customer bigint, country bigint, city bigint, township bigint,
        district bigint, title text, email text, phone_number text, first_name text, last_name text, line text,
        postcode text, notes text, company_name text, tax_office text, tax_no text, e_bill_taxpayer boolean,
        identity_number text, address_type text, retail_store bigint, remote_id text, hash_data text,
        extra_field jsonb, is_active boolean)
    ORDER BY hash_data
    ON CONFLICT (hash_data) DO NOTHING
    RETURNING hash_data, id
"""


def save_customers(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[tuple[int, str], int]:
    """Inserts customers or brings them up to date by channel code; `{(channel, channel code): key}`."""
    with prepared.cursor() as cursor:
        cursor.execute(CUSTOMERS, {"rows": as_json(rows), "now": now})
        return {(channel, code): key for channel, code, key in cursor.fetchall()}


def save_addresses(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[str, int]:
    """Inserts addresses not known by their fingerprint; answers only those made, `{hash_data: key}`."""
    with prepared.cursor() as cursor:
        cursor.execute(ADDRESSES, {"rows": as_json(rows), "now": now})
        return dict(cursor.fetchall())


def address_keys(hashes: Sequence[str]) -> dict[str, int]:
    """The addresses with these fingerprints, `{hash_data: key}`."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT hash_data, id FROM omnitron_customers_address WHERE hash_data = ANY(%s::text[])",
            [prepared.words(set(hashes))],
        )
        return dict(cursor.fetchall())

"""The fingerprint by which two writings of one address are the same.

The public pages name the field (`hash_data`, 32 hex digits) and not its recipe; ours is MD5 over the normalised fields.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

FIELDS = (
    "customer",
    "country",
    "city",
    "township",
    "district",
    "line",
    "postcode",
    "first_name",
    "last_name",
    "phone_number",
    "email",
    "company_name",
    "tax_office",
    "tax_no",
    "identity_number",
    "retail_store",
)


def fingerprint(address: Mapping[str, object]) -> str:
    """32 hex digits; case and surrounding spaces don't count, a missing field equals an empty one."""
    parts = ("" if address.get(name) is None else str(address[name]).strip().casefold() for name in FIELDS)
    return hashlib.md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()

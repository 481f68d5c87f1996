"""The seal of an order as it was offered to a seller's OMS: what comes back under it was made here, letter for letter.

An OMS keeps the order it was offered. When this side has lost it, the OMS hands it back, and only what the seal holds for is
believed (`docs/decisions/0044-field-authority.md`).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson
from django.conf import settings

from ambar.kit import clock
from ambar.seller_center.orders.models import Order

KEY = "handover"
_SALT = "ambar.seller_center.orders.sealing"


class Item(Protocol):
    """What is sealed of an item; the quantity as on the wire."""

    @property
    def pk(self) -> int: ...
    @property
    def upstream_id(self) -> int: ...
    @property
    def quantity(self) -> str: ...
    @property
    def document(self) -> Mapping[str, Any]: ...


def sealed(record: dict[str, Any], row: Order, items: Sequence[Item]) -> dict[str, Any]:
    """The record with what is needed to take it back, and the seal over all of it."""
    block: dict[str, Any] = {
        "upstream_id": row.upstream_id,
        "upstream_number": row.upstream_number,
        "upstream_modified_date": clock.iso(row.upstream_modified_at),
        "part": row.part,
        "seller": row.seller_id,
        "items": [[item.pk, item.upstream_id, item.quantity, item.document.get("parent")] for item in items],
    }
    record[KEY] = block
    block["seal"] = _seal(_text(record, block))
    return record


def holds(record: Mapping[str, Any]) -> bool:
    """Whether this record was offered by this installation, exactly so."""
    block = record.get(KEY)
    if not isinstance(block, Mapping) or not isinstance(block.get("seal"), str):
        return False
    return any(
        hmac.compare_digest(_seal(text).encode(), block["seal"].encode())
        for text in (_text(record, block), _text_before(record, block))
    )


def _unsealed(record: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, KEY: {name: value for name, value in block.items() if name != "seal"}}


def _text(record: Mapping[str, Any], block: Mapping[str, Any]) -> bytes:
    """What is sealed."""
    return orjson.dumps(_unsealed(record, block), option=orjson.OPT_SORT_KEYS)


def _text_before(record: Mapping[str, Any], block: Mapping[str, Any]) -> bytes:
    """What was sealed until 2026-11-30; an OMS keeps such orders for as long as it has them."""
    return json.dumps(_unsealed(record, block), sort_keys=True, separators=(",", ":")).encode()


def _seal(text: bytes) -> str:
    return hmac.digest(_key(settings.SECRET_KEY), text, "sha256").hex()


@functools.lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    """The key of `django.utils.crypto.salted_hmac`, which would work it out anew for each order."""
    return hashlib.sha256((_SALT + secret).encode()).digest()

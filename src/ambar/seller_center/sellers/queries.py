"""Reads of sellers."""

from __future__ import annotations

from typing import Any

from ambar.kit import clock, prepared, vault
from ambar.kit.short_memory import remembered
from ambar.seller_center.sellers.models import Seller


def seller_json(row: Seller) -> dict[str, Any]:
    """A seller on the wire; the hook secret is masked."""
    return {
        "id": row.pk,
        "pk": row.pk,
        "supplier_code": row.supplier_code,
        "name": row.name,
        "state": row.state,
        "oms_managed": row.oms_managed,
        "hook_secret": vault.mask(vault.open(row.hook_secret_sealed)) if row.hook_secret_sealed else None,
        "created_date": clock.iso(row.created_at),
        "modified_date": clock.iso(row.modified_at),
    }


@remembered
def hook_identity(seller_id: int) -> tuple[str, str | None]:
    """The seller's supplier code and the secret its hooks are signed with."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT supplier_code, hook_secret_sealed FROM sc_sellers_seller WHERE id = %s::bigint",
            [seller_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Seller.DoesNotExist(f"no seller {seller_id}")
    code, sealed = row
    return code, vault.open(sealed) if sealed else None


def ids_by_code(codes: list[str]) -> dict[str, int]:
    """Supplier code → id of the active sellers among `codes`."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT supplier_code, id FROM sc_sellers_seller WHERE supplier_code = ANY(%s::text[]) AND state = 'active'",
            [prepared.texts(codes)],
        )
        return dict(cursor.fetchall())

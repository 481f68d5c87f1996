"""Reads of sellers."""

from __future__ import annotations

from typing import Any

from ambar.kit import clock, vault
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


def hook_secret(seller_id: int) -> str | None:
    """The secret the seller's OMS signs its package hooks with, or `None`."""
    sealed = Seller.objects.filter(pk=seller_id).values_list("hook_secret_sealed", flat=True).first()
    return vault.open(sealed) if sealed else None


def all_hook_secrets() -> dict[int, str]:
    """Seller id → hook secret, of every active seller that has one (to recognise a caller by signature alone)."""
    rows = Seller.objects.filter(state="active", hook_secret_sealed__isnull=False)
    return {pk: vault.open(sealed) for pk, sealed in rows.values_list("pk", "hook_secret_sealed")}


def ids_by_code(codes: list[str]) -> dict[str, int]:
    """Supplier code → id of the active sellers among `codes`."""
    rows = Seller.objects.filter(supplier_code__in=codes, state="active")
    return dict(rows.values_list("supplier_code", "pk"))

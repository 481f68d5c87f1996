"""Reads of packages in the shapes of the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from ambar.kit import clock
from ambar.kit.money import money, quantity
from ambar.seller_center.packages.domain import states
from ambar.seller_center.packages.models import Package, PackageHistory, PackageItem, RepeatCount

OWNED_BY_OMS = "The seller's OMS owns the packages of this seller; they are changed there."


def packages() -> QuerySet[Package]:
    """Living packages, for lists."""
    return Package.objects.filter(retired_at__isnull=True).select_related("order", "seller")


def items_of(package_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Package id → its items on the wire."""
    found: dict[int, list[dict[str, Any]]] = {pk: [] for pk in package_ids}
    for item in PackageItem.objects.filter(package_id__in=package_ids).order_by("id"):
        found[item.package_id].append(
            {
                "id": item.pk,
                "order_item": item.order_item_id,
                "sku": item.sku,
                "name": item.name,
                "quantity": quantity(item.quantity),
                "state": item.state_code,
            }
        )
    return found


def packages_json(rows: Sequence[Package]) -> list[dict[str, Any]]:
    """Packages as the marketplace's own API lists them; `is_read_only` with the reason when an OMS owns them."""
    items = items_of([row.pk for row in rows])
    return [
        {
            "id": row.pk,
            "pk": row.pk,
            "seller": row.seller_id,
            "supplier_code": row.seller.supplier_code,
            "number": row.number,
            "order": row.order_id,
            "order_number": row.order_number,
            "origin": row.origin,
            "status": row.status,
            "status_label": states.LABELS.get(row.status, row.state_name),
            "state_code": row.state_code,
            "state_name": row.state_name,
            "sequence": row.sequence,
            "amount": None if row.amount is None else money(row.amount),
            "currency": row.currency,
            "location_name": row.location_name,
            "shipping_company": row.shipping_company,
            "tracking_numbers": row.tracking_numbers,
            "invoice_number": row.invoice_number,
            "is_read_only": row.seller.oms_managed,
            "read_only_reason": OWNED_BY_OMS if row.seller.oms_managed else None,
            "created_date": clock.iso(row.created_at),
            "modified_date": clock.iso(row.modified_at),
            "items": items[row.pk],
        }
        for row in rows
    ]


def history_json(package_id: int) -> list[dict[str, Any]]:
    """A package's events, oldest first, each applied or late."""
    return [
        {
            "event": row.event_uuid.hex,
            "type": row.event_type,
            "sequence": row.sequence,
            "state_code": row.state_code,
            "status": row.status,
            "outcome": row.outcome,
            "at_date": clock.iso(row.at),
        }
        for row in PackageHistory.objects.filter(package_id=package_id).order_by("id")
    ]


_ADDRESS = (
    "email",
    "phone_number",
    "first_name",
    "last_name",
    "line",
    "postcode",
    "company_name",
    "tax_office",
    "tax_no",
    "e_bill_taxpayer",
    "identity_number",
    "notes",
)


def _flat_address(address: dict[str, Any] | None) -> dict[str, Any] | None:
    """An address with its geography by name, as sellers' software gets it."""
    if not address:
        return None
    names = {
        level: (address.get(level) or {}).get("name") if isinstance(address.get(level), dict) else None
        for level in ("country", "city", "township", "district")
    }
    country = address.get("country")
    return {
        **{name: address.get(name) for name in _ADDRESS},
        **names,
        "country_code": country.get("code") if isinstance(country, dict) else None,
    }


def pkg101(rows: Sequence[Package]) -> list[dict[str, Any]]:
    """Packages for sellers' own software (public page "Get Packages", PKG101)."""
    items = items_of([row.pk for row in rows])
    found = []
    for row in rows:
        document = row.order.document if row.order else {}
        found.append(
            {
                "id": row.pk,
                "number": row.number,
                "order_number": row.order_number,
                "status": row.status,
                "shipping_address": _flat_address(document.get("shipping_address")),
                "billing_address": _flat_address(document.get("billing_address")),
                "waybill_number": row.tracking_numbers[-1] if row.tracking_numbers else None,
                "tracking_numbers": row.tracking_numbers,
                "shipping_company": row.shipping_company,
                "invoice_number": row.invoice_number,
                "currency": row.currency,
                "amount": None if row.amount is None else money(row.amount),
                "items": items[row.pk],
                "created_at": clock.iso(row.created_at),
                "updated_at": clock.iso(row.modified_at),
            }
        )
    return found


def handover(seller_id: int) -> dict[str, Any]:
    """What this side has of the seller's OMS: events per type, packages per status, orders offered."""
    events: dict[str, dict[str, int]] = {}

    def count(kind: str, name: str, number: int) -> None:
        row = events.setdefault(
            kind, {"received": 0, "applied": 0, "late": 0, "repeats": 0, "waiting": 0, "parked": 0}
        )
        row[name] += number
        if name != "repeats":
            row["received"] += number

    history = PackageHistory.objects.filter(seller_id=seller_id).values_list("event_type", "outcome")
    for kind, outcome, number in history.annotate(n=Count("id")).order_by():
        count(kind, outcome, number)
    for kind, number in RepeatCount.objects.filter(seller_id=seller_id).values_list("event_type", "count"):
        count(kind, "repeats", number)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, state, count(*) FROM outbox_inbox WHERE source = %s AND state <> 1 GROUP BY 1, 2",
            [f"oms:{seller_id}"],
        )
        for kind, state, number in cursor.fetchall():
            count(kind, "parked" if state == 2 else "waiting", number)
        cursor.execute(
            "SELECT count(*) FROM sc_orders_order WHERE seller_id = %s",
            [seller_id],
        )
        (orders,) = cursor.fetchone()
    living = Package.objects.filter(seller_id=seller_id, retired_at__isnull=True)
    by_status = living.filter(origin="oms").values_list("status").annotate(n=Count("id")).order_by("status")
    by_state = (
        living.filter(origin="oms").values_list("state_code").annotate(n=Count("id")).order_by("state_code")
    )
    return {
        "orders": {"offered": orders},
        "events": dict(sorted(events.items())),
        "packages": {
            "by_status": {str(status): n for status, n in by_status},
            "by_state": {str(state): n for state, n in by_state},
            "default": living.filter(origin="default").count(),
        },
    }

"""Reads of invoices; the only door for callers, so that bounds hold everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from ambar.kit import clock
from ambar.oms.invoices.domain.asking import BILL
from ambar.oms.invoices.models import Invoice, InvoiceCall, InvoiceDocument
from ambar.oms.packages.models import Package
from ambar.oms.packages.queries import location_bounds


def visible(principal: Any) -> QuerySet[Invoice]:
    """Invoices of the packages that this caller may see."""
    rows = Invoice.objects.select_related("package")
    bounds = location_bounds(principal)
    return rows if bounds is None else rows.filter(package__location_id__in=bounds)


def visible_calls(principal: Any) -> QuerySet[InvoiceCall]:
    """Questions about the packages that this caller may see, without the documents they wait with."""
    rows = InvoiceCall.objects.select_related("package").defer("content")
    bounds = location_bounds(principal)
    return rows if bounds is None else rows.filter(package__location_id__in=bounds)


def documents_of(invoice_ids: Sequence[int]) -> dict[int, str]:
    """`{invoice id: content type}` of those that have a document here."""
    rows = InvoiceDocument.objects.filter(invoice_id__in=list(invoice_ids))
    return dict(rows.values_list("invoice_id", "content_type"))


def with_invoice(package_ids: Sequence[int]) -> set[int]:
    """Those of these packages that have an invoice."""
    rows = Invoice.objects.filter(package_id__in=list(package_ids), is_current=True)
    return set(rows.values_list("package_id", flat=True))


def told_bills(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """`{package id: bill data}` of bill services whose answer waits to be used."""
    rows = InvoiceCall.objects.filter(package_id__in=list(package_ids), purpose=BILL, state="answered")
    return {
        package_id: {
            "invoice_number": told["number"],
            "invoice_date": told["date"],
            "document_type": told["document_type"],
            "invoice_url": told["url"] or None,
        }
        for package_id, told in rows.values_list("package_id", "answer")
    }


def origins(package_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """`{package id: (source of its order, name of its channel)}`."""
    rows = Package.objects.filter(pk__in=list(package_ids))
    return {row[0]: (row[1], row[2]) for row in rows.values_list("pk", "order__source", "channel__name")}


def records(rows: Sequence[Invoice]) -> list[dict[str, Any]]:
    """Invoices as answered; `document` is the path of the copy that is kept (or drawn) here, or null."""
    kept = documents_of([row.pk for row in rows])
    return [
        {
            "id": row.pk,
            "package": {
                "id": row.package_id,
                "number": row.package.number,
                "order_number": row.package.order_number,
            },
            "number": row.number,
            "date": clock.iso(row.issued_at),
            "document_type": row.document_type,
            "content_type": kept.get(row.pk, "application/pdf" if row.url_is_ours else None),
            "document": document_path(row.pk) if row.pk in kept or row.url_is_ours else None,
            "url": row.url or None,
            "source": row.source,
            "is_current": row.is_current,
            "user": row.user_id,
            "created_date": clock.iso(row.created_at),
            "replaced_date": None if row.replaced_at is None else clock.iso(row.replaced_at),
        }
        for row in rows
    ]


def document_path(invoice_id: int) -> str:
    """Where the document of an invoice is to be had."""
    return f"/api/v1/oms/invoices/{invoice_id}/document/"


def call_records(rows: Sequence[InvoiceCall]) -> list[dict[str, Any]]:
    """Questions as answered: how each stands, why it failed, which number waits to be used."""
    return [
        {
            "id": row.pk,
            "package": {
                "id": row.package_id,
                "number": row.package.number,
                "order_number": row.package.order_number,
            },
            "purpose": row.purpose,
            "state": row.state,
            "failure": row.failure,
            "attempts": row.attempts,
            "command_code": row.command_code,
            "transition": row.transition_slug,
            "idempotency_key": str(row.key),
            "number": row.made_number or row.answer.get("number") or None,
            "asked_date": clock.iso(row.asked_at),
            "answered_date": None if row.answered_at is None else clock.iso(row.answered_at),
            "used_date": None if row.used_at is None else clock.iso(row.used_at),
            "modified_date": clock.iso(row.modified_at),
        }
        for row in rows
    ]


def current(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """`{package id: its invoice}`: `invoice` in the detail of a package."""
    rows = Invoice.objects.select_related("package").filter(package_id__in=list(package_ids), is_current=True)
    return {record["package"]["id"]: record for record in records(list(rows))}


def open_calls(package_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """`{package id: the question that is open, the one last touched}`: `invoice_call` in the detail of a package.

    A failure is over when the package has got an invoice since.
    """
    since = Invoice.objects.filter(
        package_id=OuterRef("package_id"), is_current=True, created_at__gte=OuterRef("modified_at")
    )
    rows = InvoiceCall.objects.select_related("package").defer("content")
    open_ = rows.filter(package_id__in=list(package_ids)).exclude(state="used")
    open_ = open_.exclude(Exists(since), state="failed")
    found = call_records(list(open_.order_by("modified_at", "id")))
    return {record["package"]["id"]: record for record in found}

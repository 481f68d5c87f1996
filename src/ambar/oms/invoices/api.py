"""Akinon OMS: Invoice Integration: the invoices of packages, their documents, and how asking for them went."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ambar.kit import accounts, rest
from ambar.kit.refusals import NotFound
from ambar.oms.invoices import papers, queries
from ambar.oms.invoices.domain.documents import file_name
from ambar.oms.invoices.models import Invoice, InvoiceDocument
from ambar.oms.packages.models import Package
from ambar.oms.packages.queries import visible as visible_packages

router = rest.Router()


def _comparisons(name: str, column: str) -> dict[str, Any]:
    return {f"{name}__{op}": rest.datetime(f"{column}__{op}") for op in ("gt", "gte", "lt", "lte")}


_OF_PACKAGE = {
    "package": rest.id_list("package_id__in"),
    "package__number": rest.exact("package__number"),
    "order__number": rest.exact("package__order_number"),
    "id__in": rest.id_list("id__in"),
    **_comparisons("created_date", "created_at"),
}
_INVOICES = rest.Filters(
    {
        **_OF_PACKAGE,
        "number": rest.exact("number"),
        "document_type": rest.exact("document_type"),
        "source": rest.choice_in("source", ["given", "remote", "bill", "made"]),
        "is_current": rest.boolean("is_current"),
        **_comparisons("date", "issued_at"),
    }
)
_CALLS = rest.Filters(
    {
        **_OF_PACKAGE,
        "state": rest.choice_in("state", ["asking", "failed", "answered", "used"]),
        "purpose": rest.choice_in("purpose", ["invoice", "bill"]),
        **_comparisons("modified_date", "modified_at"),
    }
)
_SORT = {"id": "id", "created_date": "created_at", "date": "issued_at"}


@router.get("/invoices/")
@rest.needs("packages:read")
def list_invoices(request: HttpRequest) -> Any:
    """Invoices, newest first, replaced ones too (`is_current=true` leaves them out)."""
    return _listed(request, queries.visible(request.principal))


@router.get("/packages/{int:package_id}/invoices/")
@rest.needs("packages:read")
def list_invoices_of_package(request: HttpRequest, package_id: int) -> Any:
    """The invoices of one package, newest first: the current one and those it replaced."""
    if not visible_packages(request.principal).filter(pk=package_id).exists():
        accounts.note_foreign(request.principal, Package.objects.all(), package_id)
        raise NotFound("Package not found.")
    return _listed(request, queries.visible(request.principal).filter(package_id=package_id))


def _listed(request: HttpRequest, rows: Any) -> Any:
    return rest.page(
        request,
        rows,
        queries.records,
        filters=_INVOICES,
        sort=_SORT,
        default_sort="-id",
        default_limit=20,
        cursor=True,
    )


def _visible(request: HttpRequest, invoice_id: int) -> Invoice:
    found = queries.visible(request.principal).filter(pk=invoice_id).first()
    if found is None:
        accounts.note_foreign(request.principal, Invoice.objects.all(), invoice_id)
        raise NotFound("Invoice not found.")
    return found


@router.get("/invoices/{int:invoice_id}/")
@rest.needs("packages:read")
def get_invoice(request: HttpRequest, invoice_id: int) -> Any:
    """One invoice."""
    return queries.records([_visible(request, invoice_id)])[0]


@router.get("/invoices/{int:invoice_id}/document/")
@rest.needs("packages:read")
def get_document(request: HttpRequest, invoice_id: int) -> Any:
    """The document as a file to save; 404 when there is none here (see `url`). A link of our own without one is drawn."""
    row = _visible(request, invoice_id)
    kept = InvoiceDocument.objects.filter(invoice_id=invoice_id).first()
    if kept is None and not row.url_is_ours:
        raise NotFound("This invoice has no document here.")
    kind = "application/pdf" if kept is None else kept.content_type
    content = papers.sheet(row) if kept is None else bytes(kept.content)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(row.number, kind)}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return rest.Raw(200, content, headers, content_type=kind)


@router.get("/invoice-calls/")
@rest.needs("packages:read")
def list_calls(request: HttpRequest) -> Any:
    """What services were asked about packages, last touched first: `state=failed` says why, `answered` waits to be used."""
    return rest.page(
        request,
        queries.visible_calls(request.principal),
        queries.call_records,
        filters=_CALLS,
        sort={"id": "id", "modified_date": "modified_at", "created_date": "created_at"},
        default_sort="-modified_date",
        default_limit=20,
        cursor=True,
    )

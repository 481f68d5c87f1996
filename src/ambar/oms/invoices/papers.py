"""The sheet behind a link of our own, when no service gave a document: what was sold, to whom, under which number.

It says of itself that it is not the fiscal document: this system makes none.
"""

from __future__ import annotations

from ambar.kit.paper import sheets
from ambar.kit.paper.sheets import Sheet
from ambar.oms.invoices.models import Invoice
from ambar.oms.invoices.request_body import request_bodies

A4 = (210.0, 297.0)


def sheet(invoice: Invoice) -> bytes:
    """The sheet of an invoice, as PDF."""
    body = request_bodies([invoice.package_id])[invoice.package_id]
    package, to = body["package"], body["billing_address"]
    currency = package["currency"].upper()
    rows = [
        (item["sku"], item["name"] or "", item["quantity"], f"{item['tax_rate']} %", item["amount"])
        for item in body["items"]
    ]
    lines = (
        "Mali belge değildir. / Not a fiscal document.",
        f"Tarih / Date: {invoice.issued_at:%Y-%m-%d}",
        f"Sipariş / Order: {package['order_number']}   Paket / Package: {package['number']}",
        "",
        f"{to['first_name']} {to['last_name']}",
        to["company_name"],
        to["line"],
        " / ".join(to[key] for key in ("district", "township", "city") if to[key]),
        f"Toplam / Total: {package['amount']} {currency}",
    )
    page = Sheet(
        heading=f"Fatura Bilgisi / Invoice Information {invoice.number}",
        lines=tuple(line for line in lines if line is not None),
        barcode=invoice.number if invoice.number.isascii() and len(invoice.number) <= 48 else None,
        table=(("SKU", "Ürün", "Adet", "KDV", f"Tutar ({currency})"), *rows),
        widths=(3, 6, 1, 1, 2),
    )
    width, height = A4
    return sheets.pdf([page], width=width, height=height)

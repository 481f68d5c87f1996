"""Labels, packing slips and pick lists of packages (docs/decisions/0035-carriers.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ambar.kit.paper import sheets
from ambar.kit.paper.sheets import Sheet
from ambar.oms.packages.payload import payloads
from ambar.oms.transfers.payload import payloads as transfer_payloads

LABEL = (100.0, 150.0)
A4 = (210.0, 297.0)


def _recipient(record: Mapping[str, Any]) -> tuple[str, ...]:
    address = record["shipping_address"]
    place = " / ".join(address[key] for key in ("district", "township", "city") if address[key])
    lines = (
        f"{address['first_name']} {address['last_name']}",
        address["company_name"],
        address["line"],
        f"{address['postcode']} {place}",
        address["country"],
        address["phone_number"],
    )
    return tuple(line for line in lines if line and line.strip())


def label_sheet(parcel: Mapping[str, Any]) -> Sheet:
    """The label of a parcel record: sender, recipient, packages, and its tracking number (or package number) as barcode."""
    if parcel["transfers"]:
        return _transfer_label(parcel)
    numbers = [package["number"] for package in parcel["packages"]]
    record = payloads([parcel["packages"][0]["id"]])[parcel["packages"][0]["id"]]
    code = parcel["awb_number"] or numbers[0]
    return Sheet(
        heading=parcel["cargo_company"] or record["stock_location"]["name"],
        lines=(
            f"Gönderen: {record['stock_location']['name']}",
            "",
            "Alıcı:",
            *_recipient(record),
            "",
            f"Sipariş: {record['order_number']}",
            f"Paket: {', '.join(numbers)}",
        ),
        barcode=code if code.isascii() and len(code) <= 48 else numbers[0],
    )


def _transfer_label(parcel: Mapping[str, Any]) -> Sheet:
    numbers = [transfer["number"] for transfer in parcel["transfers"]]
    first = parcel["transfers"][0]["id"]
    record = transfer_payloads([first])[first]
    to = record["destination"]
    place = " / ".join(to["address"][key]["name"] for key in ("township", "city") if to["address"][key])
    code = parcel["awb_number"] or numbers[0]
    return Sheet(
        heading=parcel["cargo_company"] or record["source"]["name"],
        lines=(
            f"Gönderen: {record['source']['name']}",
            "",
            "Alıcı:",
            to["name"],
            to["address"]["line"],
            f"{to['address']['postcode']} {place}",
            "",
            f"Transfer: {', '.join(numbers)}",
        ),
        barcode=code if code.isascii() and len(code) <= 48 else numbers[0],
    )


def label(parcel: Mapping[str, Any], *, image: bool) -> bytes:
    """Our own label, as PNG or PDF, 100 × 150 mm."""
    sheet = label_sheet(parcel)
    width, height = LABEL
    if image:
        return sheets.png(sheet, width=width, height=height)
    return sheets.pdf([sheet], width=width, height=height)


def packing_slips(package_ids: Sequence[int]) -> bytes:
    """One page or more per package: what is in it, for whom."""
    found = payloads(package_ids)
    width, height = A4
    return sheets.pdf([_slip(found[i]) for i in package_ids], width=width, height=height)


def _slip(record: Mapping[str, Any]) -> Sheet:
    rows = [
        (
            item["order_item"]["product"]["sku"],
            item["order_item"]["product"]["barcode"] or "",
            item["order_item"]["product"]["name"] or "",
            item["quantity"],
        )
        for item in record["packageitem_set"]
    ]
    return Sheet(
        heading=f"Sevk İrsaliyesi / Packing Slip {record['number']}",
        lines=(f"{record['stock_location']['name']} · {record['date_placed'][:10]}", *_recipient(record)),
        barcode=record["number"] if record["number"].isascii() and len(record["number"]) <= 48 else None,
        table=(("SKU", "Barkod", "Ürün", "Adet"), *rows),
        widths=(3, 3, 6, 1),
    )


def pick_list(package_ids: Sequence[int]) -> bytes:
    """What to fetch for these packages, one sheet per location: products in the order of their SKU, with the packages."""
    by_location: dict[str, dict[tuple[str, str, str], list[tuple[str, str]]]] = {}
    for record in payloads(package_ids).values():
        shelf = by_location.setdefault(record["stock_location"]["name"], {})
        for item in record["packageitem_set"]:
            product = item["order_item"]["product"]
            key = (product["sku"], product["barcode"] or "", product["name"] or "")
            shelf.setdefault(key, []).append((record["number"], item["quantity"]))
    width, height = A4
    return sheets.pdf(
        [_picks(name, by_location[name]) for name in sorted(by_location)], width=width, height=height
    )


def _picks(name: str, wanted: Mapping[tuple[str, str, str], Sequence[tuple[str, str]]]) -> Sheet:
    rows = [
        (
            *key,
            f"{sum(float(quantity) for _, quantity in parts):g}",
            ", ".join(f"{n} ({q})" for n, q in parts),
        )
        for key, parts in sorted(wanted.items())
    ]
    return Sheet(
        heading=f"Toplama Listesi / Pick List {name}",
        table=(("SKU", "Barkod", "Ürün", "Adet", "Paketler"), *rows),
        widths=(3, 3, 5, 1, 5),
    )

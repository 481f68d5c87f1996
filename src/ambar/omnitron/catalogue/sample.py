"""A believable shop, made from a seed: products, stores, and an endless stream of orders.

The same seed gives the same world, byte for byte. Everything comes as plain dicts in the shapes of the bulk
endpoints; nothing here touches a database. People are invented, places are real.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from ambar.omnitron.places import data as places

GARMENTS = (
    ("Keten Gömlek", "749.00", "0.300"), ("Pamuklu Tişört", "299.90", "0.180"), ("Yün Kazak", "899.00", "0.450"),
    ("Kot Pantolon", "999.00", "0.650"), ("Triko Hırka", "849.90", "0.400"), ("Trençkot", "2499.00", "1.100"),
)  # fmt: skip
COLOURS = ("lacivert", "ekru", "siyah", "haki", "bordo")
SIZES = ("S", "M", "L", "XL")
HOUSEWARES = (
    ("Seramik Kupa", "200.00", "0.420", ("330 ml", "450 ml")), ("Bakır Cezve", "549.00", "0.380", ("2 fincan", "4 fincan")),
    ("Çay Bardağı Seti", "389.90", "0.900", ("6 parça", "12 parça")), ("Zeytin Ağacı Tabak", "459.00", "0.700", ("20 cm", "28 cm")),
    ("Peştemal", "349.00", "0.350", ("100×180 cm", "90×170 cm")), ("Döküm Tava", "1290.00", "2.400", ("24 cm", "28 cm")),
    ("Bambu Kesme Tahtası", "279.00", "1.050", ("orta", "büyük")), ("Keten Yastık Kılıfı", "229.00", "0.200", ("50×50 cm", "50×70 cm")),
    ("Soya Mumu", "189.90", "0.260", ("sedir", "lavanta", "incir")), ("El Dokuma Kilim", "3490.00", "3.800", ("80×150 cm", "120×180 cm")),
)  # fmt: skip
FOODS = (
    ("Antep Fıstığı", "649.00", ("250 g", "500 g", "1 kg")), ("Çiçek Balı", "420.00", ("450 g", "850 g")),
    ("Sızma Zeytinyağı", "595.00", ("500 ml", "1 L", "5 L")), ("Filtre Kahve", "315.00", ("250 g", "500 g")),
    ("Kuru Kayısı", "275.00", ("500 g", "1 kg")), ("Tulum Peyniri", "480.00", ("350 g", "700 g")),
    ("Nar Ekşisi", "165.00", ("330 ml", "700 ml")), ("Siyah Çay", "240.00", ("500 g", "1 kg")),
)  # fmt: skip
STORES = (
    ("34", "Kadıköy", "store"), ("34", "Şişli", "store"), ("34", "Tuzla", "warehouse"), ("06", "Çankaya", "store"),
    ("06", "Sincan", "warehouse"), ("35", "Konak", "store"), ("35", "Bornova", "store"), ("16", "Nilüfer", "store"), ("07", "Muratpaşa", "store"),
    ("01", "Seyhan", "store"), ("42", "Selçuklu", "store"), ("27", "Şahinbey", "store"), ("61", "Ortahisar", "store"), ("38", "Melikgazi", "store"),
    ("55", "İlkadım", "store"), ("25", "Yakutiye", "store"),
)  # fmt: skip
GIVEN = ("Ayşe", "Fatma", "Zeynep", "Elif", "Emine", "Hatice", "Merve", "Selin", "İpek", "Gül", "Mehmet", "Mustafa", "Ahmet", "Ali",
         "Hüseyin", "Emre", "Can", "Burak", "Ömer", "Kerem", "Işık", "Deniz", "Çağla", "Ümit")  # fmt: skip
FAMILY = ("Yılmaz", "Kaya", "Demir", "Şahin", "Çelik", "Yıldız", "Öztürk", "Aydın", "Özdemir", "Arslan", "Doğan", "Kılıç", "Aslan",
          "Çetin", "Kara", "Koç", "Kurt", "Özkan", "Şimşek", "Polat", "Işıklı", "Güneş")  # fmt: skip
STREETS = ("Atatürk Cad.", "Cumhuriyet Cad.", "İnönü Sok.", "Lale Sok.", "Gül Sok.", "Fevzi Çakmak Cad.", "Bağlar Cad.", "Çınar Sok.", "Şehitler Cad.")
PAYMENTS = ("credit_card", "credit_card", "credit_card", "funds_transfer", "pay_on_delivery")
BIG_CITIES = {"34": 30, "06": 12, "35": 10, "16": 6, "07": 5, "01": 4, "42": 4, "27": 4}
"""Weight of a province among orders; all others weigh 1."""


def ean13(first_twelve: str) -> str:
    """The barcode with its check digit."""
    total = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(first_twelve))
    return f"{first_twelve}{(10 - total % 10) % 10}"


def products() -> list[dict[str, Any]]:
    """Rows of `POST products/bulk/`, always the same: 160 garments and some 40 other goods; `price` beside each."""
    rows: list[dict[str, Any]] = []

    def add(family: str, base: str, variant: str, name: str, price: str, weight: str, **attributes: str) -> None:
        barcode = ean13(f"869{len(rows) + 1:09d}")
        rows.append({"sku": f"AMB-{base}-{variant}", "base_code": f"AMB-{base}", "name": name, "barcode": barcode, "category": family,
                     "weight": weight, "product_type": "0", "is_active": True, "price": price,
                     "attributes": {**attributes, "weight_kg": weight}})  # fmt: skip

    for n, (name, price, weight) in enumerate(GARMENTS, 1):
        for c, colour in enumerate(COLOURS, 1):
            for size in SIZES:
                add("giyim", f"G{n:02d}{c}", size, f"{name}, {colour}, {size}", price, weight, renk=colour, beden=size)
    for n, (name, price, weight, kinds) in enumerate(HOUSEWARES, 1):
        for colour in COLOURS[:3]:
            for k, kind in enumerate(kinds, 1):
                add("ev", f"H{n:02d}{colour[:2].upper()}", str(k), f"{name}, {colour}, {kind}", price, weight, renk=colour, ölçü=kind)
    for n, (name, price, kinds) in enumerate(FOODS, 1):
        for k, kind in enumerate(kinds, 1):
            add("gıda", f"F{n:02d}", str(k), f"{name} {kind}", price, "0.600", miktar=kind, menşe="Türkiye")
    return rows


@lru_cache(maxsize=1)
def _geography() -> tuple[dict[str, str], dict[str, list[Any]], dict[tuple[str, str], list[str]]]:
    provinces = {row.code: row.name for row in places.provinces()}
    townships: dict[str, list[Any]] = {}
    for township in places.townships():
        townships.setdefault(township.province, []).append(township)
    districts: dict[tuple[str, str], list[str]] = {}
    for district in places.districts({"34", "06", "35"}):
        districts.setdefault((district.province, district.township), []).append(district.name)
    return provinces, townships, districts


def stores() -> list[dict[str, Any]]:
    """Rows of `POST retail_stores/bulk/`: shops and two warehouses in real townships; coordinates are the township's."""
    provinces, townships, _ = _geography()
    rows = []
    for n, (province, township, kind) in enumerate(STORES, 1):
        if township not in {row.name for row in townships[province]}:
            raise LookupError(f"{township} is no township of {provinces[province]}")
        name = f"{township} Mağaza" if kind == "store" else f"{township} Depo"
        rows.append({"name": name, "erp_code": f"ST-{province}-{n:02d}", "country": "Türkiye", "city": provinces[province], "township": township,
                     "address": f"{STREETS[n % len(STREETS)]} No: {n * 3}", "phone_number": f"+9085055500{n:02d}",
                     "store_hours": [["09:00", "21:00"]] * 7, "is_active": True, "click_and_collect": kind == "store",
                     "sort_order": n, "config": {"stock_location_type": kind, "auto_assign": True}})  # fmt: skip
    return rows


def stocks(seed: int, *, skus: Sequence[str], erp_codes: Sequence[str], plenty: int = 400) -> list[dict[str, Any]]:
    """Rows of `POST product_stocks/bulk/`: warehouses hold everything, shops most things; some are thin."""
    rng = random.Random(f"stocks-{seed}")
    rows = []
    for code in erp_codes:
        for sku in skus:
            draw = rng.random()
            if draw < 0.12:
                continue
            amount = rng.randint(1, 5) if draw < 0.25 else rng.randint(plenty // 4, plenty)
            rows.append({"sku": sku, "erp_code": code, "stock": amount})
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What orders are made for: the channel's key, SKU → (price, supplier code), when the first order is placed."""

    channel: int
    offers: dict[str, tuple[str, str]]
    start: datetime


def orders(seed: int, shop: Shop, *, first: int = 1) -> Iterator[dict[str, Any]]:
    """An endless stream of rows of `POST orders/bulk/`: 1 to 8 lines, several sellers, Turkish customers and addresses.

    `first` numbers the first order, so that a later stream goes on where an earlier one stopped.
    """
    rng = random.Random(f"orders-{seed}-{first}")
    provinces, townships, districts = _geography()
    codes = sorted(provinces)
    weights = [BIG_CITIES.get(code, 1) for code in codes]
    skus = sorted(shop.offers)
    number = first
    while True:
        province = rng.choices(codes, weights)[0]
        township = rng.choice(townships[province])
        near = districts.get((province, township.name))
        given, family = rng.choice(GIVEN), rng.choice(FAMILY)
        person = {"first_name": given, "last_name": family, "email": f"musteri{number}.{seed}@example.com", "phone_number": f"+90532{rng.randint(0, 9999999):07d}"}
        address = {**person, "title": "Ev", "country": "Türkiye", "city": provinces[province], "township": township.name,
                   "district": rng.choice(near) if near else None, "line": f"{rng.choice(STREETS)} No: {rng.randint(1, 180)} D: {rng.randint(1, 24)}",
                   "postcode": township.postcode}  # fmt: skip
        wanted = rng.choices(skus, k=rng.choices(range(1, 9), weights=(34, 25, 15, 10, 7, 4, 3, 2))[0])
        items = [{"sku": sku, "price": shop.offers[sku][0], "price_currency": "try", "tax_rate": "20.00", "retail_price": shop.offers[sku][0],
                  "status": "400", "extra_field": {"supplier_code": shop.offers[sku][1]}} for sku in wanted]  # fmt: skip
        total = sum((_cents(item["price"]) for item in items), 0)
        shipping = 0 if total >= 100_000 else 3_990
        yield {"number": f"{2_500_000_000_000_000 + seed * 1_000_000_000 + number}", "channel": shop.channel, "status": "400",
               "date_placed": (shop.start + timedelta(seconds=number - first)).isoformat().replace("+00:00", "Z"),
               "customer": {**person, "user_type": "registered", "channel_code": f"C-{seed}-{number}"}, "shipping_address": address,
               "billing_address": {**address, "title": "Fatura"}, "currency": "try", "amount": _money(total + shipping),
               "shipping_amount": _money(shipping), "discount_amount": "0.00", "payment_option_slug": rng.choice(PAYMENTS),
               "shipping_option_slug": "standart", "cargo_company": "yurtici-kargo", "language_code": "tr-tr", "orderitem_set": items}  # fmt: skip
        number += 1


def _cents(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole) * 100 + int(part)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"

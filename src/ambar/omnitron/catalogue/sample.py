"""A shop to try the systems with: products, stores, stocks and an endless stream of orders.

Everything follows from the seed, so two runs tell the same story. The shapes are those of the bulk endpoints.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from ambar.omnitron.catalogue import sample_words as words
from ambar.omnitron.places import data as places

Row = dict[str, Any]
KADIKOY = ("40.990300", "29.020500")
"""The places data has only an estimate for the township of the first store."""


def ean13(number: int) -> str:
    """A barcode of Turkey's range (869) with its check digit, from a running number below 10^9."""
    body = f"869{number:09d}"
    odd, even = sum(map(int, body[0::2])), sum(map(int, body[1::2]))
    return f"{body}{-(odd + 3 * even) % 10}"


def products(seed: int, *, at_least: int = 200) -> list[Row]:
    """Rows of `POST /api/v1/products/bulk/`; `list_price` in lira is for :func:`prices` and is left aside there."""
    random_ = random.Random(f"products {seed}")
    made: list[Row] = []
    for round_ in count(1):
        for category, kinds in words.CATEGORIES.items():
            for kind in kinds:
                made += _variants(random_, category, kind, round_, first=len(made) + 1)
        if len(made) >= at_least:
            return made
    return made


def _variants(
    random_: random.Random, category: str, kind: words.Kind, round_: int, *, first: int
) -> list[Row]:
    name, code, options, (cheapest, dearest), (lightest, heaviest) = kind
    colour = words.COLOURS[(round_ * 3 + len(code) + first) % len(words.COLOURS)]
    base = f"AMB-{code}-{round_:03d}"
    price = Decimal(random_.randrange(cheapest, dearest, 10)) - Decimal("0.10")
    weight = (
        Decimal(random_.randrange(int(Decimal(lightest) * 1000), int(Decimal(heaviest) * 1000))) / 1000
    ).quantize(Decimal("0.001"))
    made = []
    for offset, option in enumerate(options):
        attributes = {"renk": colour, "weight_kg": str(weight)}
        if option:
            attributes["beden"] = option
        made.append(
            {
                "name": f"{name}, {colour}{f', {option}' if option else ''}",
                "base_code": base,
                "sku": f"{base}-{option.replace(' ', '').upper()}" if option else base,
                "barcode": ean13(first + offset),
                "category": category,
                "weight": str(weight),
                "attributes": attributes,
                "list_price": str(price),
            }
        )
    return made


def prices(of: Sequence[Row], *, price_list: int) -> list[Row]:
    """Rows of `POST /api/v1/product_prices/bulk/` for rows of :func:`products`."""
    return [
        {
            "sku": row["sku"],
            "price_list": price_list,
            "price": row["list_price"],
            "retail_price": row["list_price"],
            "currency_type": "try",
            "tax_rate": "20.00",
        }
        for row in of
    ]


def retail_stores() -> list[Row]:
    """Rows of `POST /api/v1/retail_stores/bulk/`: stores in real townships, standing where the township stands."""
    provinces = {row.code: row.name for row in places.provinces()}
    located = {(row.province, row.name): row for row in places.townships()}
    made = []
    for erp_code, name, code, township in words.STORES:
        place = located[code, township]
        latitude, longitude = KADIKOY if township == "Kadıköy" else (place.latitude, place.longitude)
        made.append(
            {
                "erp_code": erp_code,
                "name": name,
                "country": "tr",
                "city": provinces[code],
                "township": township,
                "address": f"Cumhuriyet Cad. No: {len(name)}",
                "postcode": place.postcode,
                "phone_number": "+902120000000",
                "latitude": latitude,
                "longitude": longitude,
                "store_hours": [["09:00", "21:00"]] * 7,
                "click_and_collect": "Depo" not in name,
                "fast_delivery": code == "34",
            }
        )
    return made


def stocks(seed: int, of: Sequence[Row], stores: Sequence[Row], *, most: int = 40) -> list[Row]:
    """Rows of `POST /api/v1/product_stocks/bulk/`: each product in about two thirds of the stores, 1 to `most` pieces."""
    random_ = random.Random(f"stocks {seed}")
    return [
        {"sku": product["sku"], "erp_code": store["erp_code"], "stock": random_.randint(1, most)}
        for store in stores
        for product in of
        if random_.random() < 0.66
    ]


def orders(
    seed: int,
    *,
    channel: int,
    catalogue: Sequence[Row],
    suppliers: Sequence[str],
    start: datetime,
    every: timedelta = timedelta(seconds=20),
) -> Iterator[Row]:
    """Bodies of `POST /api/v1/orders/` (or rows of `orders/bulk/`), without end.

    :param catalogue: rows of :func:`products`; an order takes 1 to 8 lines of it.
    :param suppliers: supplier codes; each product belongs to one of them, told in the item's `extra_field`.
    :param start: when the first order was placed, the others follow by `every`.
    """
    random_ = random.Random(f"orders {seed}")
    ground = _Ground()
    for number in count():
        yield _order(
            random_,
            ground,
            number=f"{(seed % 90000) + 10000}{number:011d}",
            channel=channel,
            lines=_lines(random_, catalogue, suppliers),
            placed=start + number * every,
        )


class _Ground:
    """The real places orders go to."""

    def __init__(self) -> None:
        wanted = {code for code, _ in words.ORDER_PROVINCES}
        self.codes = [code for code, _ in words.ORDER_PROVINCES]
        self.weights = [share for _, share in words.ORDER_PROVINCES]
        self.provinces = {row.code: row.name for row in places.provinces()}
        self.townships: dict[str, list[str]] = {}
        for row in places.townships():
            if row.province in wanted and not row.coordinates_estimated:
                self.townships.setdefault(row.province, []).append(row.name)
        self.districts: dict[tuple[str, str], list[places.DistrictRow]] = {}
        for district in places.districts(wanted):
            self.districts.setdefault((district.province, district.township), []).append(district)


def _lines(random_: random.Random, catalogue: Sequence[Row], suppliers: Sequence[str]) -> list[Row]:
    size = random_.choices((1, 2, 3, 4, 5, 6, 7, 8), weights=(40, 25, 14, 8, 5, 4, 2, 2))[0]
    chosen = sorted(random_.sample(range(len(catalogue)), min(size, len(catalogue))))
    lines = []
    for position in chosen:
        product = catalogue[position]
        quantity = random_.choices((1, 2, 3), weights=(85, 12, 3))[0]
        price = Decimal(product["list_price"]) * quantity
        lines.append(
            {
                "sku": product["sku"],
                "price": str(price),
                "retail_price": str(price),
                "tax_rate": "20.00",
                "attributes": {"quantity": quantity} if quantity > 1 else {},
                "extra_field": {"supplier_code": suppliers[position % len(suppliers)]},
            }
        )
    return lines


def _order(
    random_: random.Random, ground: _Ground, *, number: str, channel: int, lines: list[Row], placed: datetime
) -> Row:
    first, last = random_.choice(words.FIRST_NAMES), random_.choice(words.LAST_NAMES)
    who = random_.randrange(100_000)
    email = f"{_ascii(first)}.{_ascii(last)}{who}@example.com"
    phone = f"+9053{random_.randrange(10**8):08d}"
    code = random_.choices(ground.codes, ground.weights)[0]
    township = random_.choice(ground.townships[code])
    district = random_.choice(ground.districts[code, township])
    person = {"first_name": first, "last_name": last, "email": email, "phone_number": phone}
    address = {
        **person,
        "title": "Ev",
        "country": "tr",
        "city": ground.provinces[code],
        "township": township,
        "district": district.name,
        "line": f"{random_.choice(words.STREETS)} No: {random_.randint(1, 120)} D: {random_.randint(1, 24)}",
        "postcode": district.postcode,
    }
    total = sum((Decimal(line["price"]) for line in lines), Decimal(0))
    return {
        "number": number,
        "channel": channel,
        "status": "400",
        "date_placed": placed.isoformat().replace("+00:00", "Z"),
        "customer": {**person, "channel_code": email},
        "shipping_address": address,
        "billing_address": {**address, "title": "Fatura"},
        "currency": "try",
        "shipping_amount": "0.00" if total >= 1000 else "39.90",
        "shipping_tax_rate": "20.00",
        "payment_option_slug": random_.choice(("credit_card", "bank_transfer")),
        "shipping_option_slug": "standart",
        "items": lines,
    }


def _ascii(name: str) -> str:
    return name.translate(str.maketrans("ÇçĞğİıÖöŞşÜü", "CcGgIiOoSsUu")).lower()

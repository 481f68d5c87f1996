"""Made-up data of the fakes: real places of Türkiye, goods, stores, and orders in the shape of the golden message."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

from ambar.kit import clock
from ambar.omnitron.catalogue import sample
from ambar.omnitron.catalogue.sample_words import ORDER_PROVINCES
from ambar.omnitron.places import data

Row = dict[str, Any]
BEGINNING = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
"""When the first order was placed; the others follow, one a second, so that the same seed tells the same story."""
SHIPPING = Decimal("39.90")
DATES = {"created_date": clock.iso(BEGINNING), "modified_date": clock.iso(BEGINNING)}


def message(name: str) -> Row:
    """A golden message of `contracts/`, by its file's name without the ending."""
    text = resources.files("ambar.cli.fake").joinpath("messages", f"{name}.json").read_text(encoding="utf-8")
    found: Row = json.loads(text)
    return found


@dataclass(slots=True)
class Places:
    """The four lists of places by id, and the ids by name."""

    rows: dict[str, dict[int, Row]] = field(
        default_factory=lambda: {"countries": {}, "cities": {}, "townships": {}, "districts": {}}
    )
    ids: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, kind: str, names: tuple[str, ...], **more: Any) -> int:
        """A place under the names of what it lies in and its own; its id."""
        key = len(self.rows[kind]) + 1
        for degrees in ("latitude", "longitude"):
            more[degrees] = f"{Decimal(more[degrees]):.6f}" if more.get(degrees) else None
        shared = {"id": key, "pk": key, "name": names[-1], "is_active": True, "translations": {}, **DATES}
        self.rows[kind][key] = {**shared, **more}
        self.ids[kind, *names] = key
        return key

    def nested(self, city: str, township: str, district: str) -> Row:
        """The four places of an address, nested as an order has them."""
        country = _short(self.rows["countries"][1], "code")
        city_row = _short(self.rows["cities"][self.ids["cities", city]])
        township_row = _short(
            self.rows["townships"][self.ids["townships", city, township]], "latitude", "longitude"
        )
        district_row = _short(self.rows["districts"][self.ids["districts", city, township, district]])
        return {
            "country": country,
            "city": {**city_row, "country": country},
            "township": {**township_row, "city": city_row["id"]},
            "district": {**district_row, "city": city_row["id"], "township": township_row["id"]},
        }


def _short(row: Row, *more: str) -> Row:
    return {name: row[name] for name in ("id", "pk", "name", *more, "is_active")}


def places() -> Places:
    """Türkiye: 81 provinces, 973 townships, and the districts orders go to."""
    made = Places()
    code, name, latitude, longitude = data.COUNTRY
    country = made.add("countries", (name,), code=code, latitude=latitude, longitude=longitude)
    names = {}
    for row in data.provinces():
        names[row.code] = row.name
        made.add("cities", (row.name,), country=country, code=row.code, priority=0, postcode=None,
                 latitude=row.latitude, longitude=row.longitude)  # fmt: skip
    for place in data.townships():
        city = made.ids["cities", names[place.province]]
        made.add("townships", (names[place.province], place.name), city=city, postcode=place.postcode,
                 latitude=place.latitude, longitude=place.longitude)  # fmt: skip
    for district in data.districts({code for code, _ in ORDER_PROVINCES}):
        above = (names[district.province], district.township)
        if ("townships", *above) in made.ids:
            made.add("districts", (*above, district.name), city=made.ids["cities", above[0]],
                     township=made.ids["townships", *above], postcode=district.postcode, zipcode=None)  # fmt: skip
    return made


def orders(seed: int, known: Places, *, supplier_code: str) -> Iterator[Row]:
    """Detailed orders of one seller without end, as `contracts/seller-center-to-oms/order.json` shows them."""
    goods = {row["sku"]: (key, row) for key, row in enumerate(sample.products(seed), start=1)}
    stream = sample.orders(
        seed,
        channel=1,
        catalogue=[row for _, row in goods.values()],
        suppliers=[supplier_code],
        start=BEGINNING,
        every=timedelta(seconds=1),
    )
    golden = message("order")
    item_id = 0
    for key, shop_order in enumerate(stream, start=1):
        made = _order(golden, key, shop_order, known, supplier_code)
        for line in shop_order["items"]:
            item_id += 1
            made["orderitem_set"].append(
                _item(golden["orderitem_set"][0], item_id, line, made, *goods[line["sku"]])
            )
        yield made


def _order(golden: Row, key: int, shop_order: Row, known: Places, supplier_code: str) -> Row:
    made = copy.deepcopy(golden)
    made.pop(
        "handover"
    )  # the fake gives nothing back that it lost: orders of a foreign marketplace carry no seal
    at = clock.iso(clock.parse(shop_order["date_placed"]))
    lines = sum((Decimal(line["price"]) for line in shop_order["items"]), Decimal(0))
    person = {
        name: shop_order["customer"][name] for name in ("first_name", "last_name", "email", "phone_number")
    }
    made["customer"].update(person, id=key, pk=key, channel_code=person["email"])
    for name in ("shipping_address", "billing_address"):
        given = shop_order[name]
        found = known.nested(given["city"], given["township"], given["district"])
        plain = {each: given[each] for each in ("title", "line", "postcode")}
        made[name].update(person, id=2 * key, pk=2 * key, **plain, **found)
    made.update(
        id=key, pk=key, number=shop_order["number"], supplier_code=supplier_code, orderitem_set=[],
        amount=f"{lines + SHIPPING:.2f}", shipping_amount=str(SHIPPING), net_shipping_amount=str(SHIPPING),
        date_placed=at, created_date=at, modified_date=at, payment_option_slug=shop_order["payment_option_slug"],
    )  # fmt: skip
    return made


def _item(golden: Row, item_id: int, line: Row, order: Row, product_id: int, product: Row) -> Row:
    made = copy.deepcopy(golden)
    made["product"].update(
        id=product_id, pk=product_id, attributes=product["attributes"],
        **{name: product[name] for name in ("sku", "base_code", "name", "barcode")},
    )  # fmt: skip
    made.update(
        id=item_id, pk=item_id, order=order["id"], order_number=order["number"], price=line["price"],
        retail_price=line["retail_price"], attributes=line["attributes"], extra_field=line["extra_field"],
        created_date=order["created_date"], modified_date=order["modified_date"],
    )  # fmt: skip
    return made

from datetime import UTC, datetime
from itertools import islice

from ambar.omnitron.catalogue import sample
from ambar.omnitron.places import data

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def checks(barcode: str) -> bool:
    digits = [int(digit) for digit in barcode]
    return len(digits) == 13 and (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_products_are_many_distinct_and_carry_true_barcodes():
    made = sample.products(7)
    assert len(made) >= 200
    assert len({row["sku"] for row in made}) == len({row["barcode"] for row in made}) == len(made)
    assert all(checks(row["barcode"]) for row in made)


def test_the_same_seed_tells_the_same_story():
    catalogue = sample.products(7)
    asked = {"channel": 1, "catalogue": catalogue, "suppliers": ["A", "B"], "start": START}
    assert sample.products(7) == catalogue
    assert list(islice(sample.orders(7, **asked), 50)) == list(islice(sample.orders(7, **asked), 50))
    assert list(islice(sample.orders(8, **asked), 5)) != list(islice(sample.orders(7, **asked), 5))


def test_orders_go_to_places_that_exist():
    catalogue = sample.products(7)
    names = {row.code: row.name for row in data.provinces()}
    known = {(names[row.province], row.township, row.name) for row in data.districts()}
    made = list(islice(sample.orders(7, channel=1, catalogue=catalogue, suppliers=["A"], start=START), 300))
    sent = {
        (
            order["shipping_address"]["city"],
            order["shipping_address"]["township"],
            order["shipping_address"]["district"],
        )
        for order in made
    }
    assert sent <= known
    assert len({order["number"] for order in made}) == 300
    assert {len(order["items"]) for order in made} == {1, 2, 3, 4, 5, 6, 7, 8}


def test_a_product_has_one_supplier():
    catalogue = sample.products(7)
    of: dict[str, set[str]] = {}
    for order in islice(
        sample.orders(7, channel=1, catalogue=catalogue, suppliers=["A", "B", "C"], start=START), 400
    ):
        for line in order["items"]:
            of.setdefault(line["sku"], set()).add(line["extra_field"]["supplier_code"])
    assert all(len(suppliers) == 1 for suppliers in of.values())
    assert set().union(*of.values()) == {"A", "B", "C"}


def test_stores_stand_in_real_towns():
    stores = sample.retail_stores()
    assert len(stores) >= 12
    assert sum(store["city"] == "İstanbul" for store in stores) == 3
    assert all(35 < float(store["latitude"]) < 43 and 25 < float(store["longitude"]) < 45 for store in stores)

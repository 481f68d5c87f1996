"""PostgreSQL puts the detailed order together, Python the listed one: both say the same, letter for letter."""

import pytest
from django.db import connection

from ambar.kit import prepared
from ambar.kit.rest.answers import dumps
from ambar.omnitron.catalogue.models import Product, ProductImage
from ambar.omnitron.orders import queries, store
from ambar.omnitron.orders.actions.take_orders import take_orders
from ambar.omnitron.orders.models import Order, OrderItem
from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db
AWKWARD = {"é": 'a: b, "c" \\ \u0007', "price": 1.50, "none": None, "list": [1, 2.0, {"x": {}}]}


@pytest.fixture
def order():
    hub.places()
    hub.products("A", "B")
    made = hub.order(
        hub.channel().pk,
        cargo_company=hub.cargo().pk,
        extra_field=AWKWARD,
        delivery_range=["09:00", None],
        notes='"Kapıda, sağda"\t\\',
        billing_address=hub.address(district=None, township=None, company_name='Ş "A", Ltd'),
    )
    take_orders([made], numbers=str, now=hub.NOW)
    Product.objects.filter(sku="A").update(attributes=AWKWARD, name='Ürün "A"\n')
    for place, image in ((2, "second"), (1, "first")):
        ProductImage.objects.create(
            product=Product.objects.get(sku="A"),
            image=image,
            order=place,
            created_at=hub.NOW,
            modified_at=hub.NOW,
        )
    first, second = OrderItem.objects.order_by("pk")
    OrderItem.objects.filter(pk=second.pk).update(
        invoice_date=hub.NOW, delivered_date="0999-03-02T01:02:03.5Z", attributes=AWKWARD, parent=first
    )
    return Order.objects.get()


def test_a_detailed_order_says_of_itself_what_the_list_says(order):
    [detailed] = queries.detailed([order.pk])
    items = detailed.pop("orderitem_set")
    nested = ("channel", "customer", "shipping_address", "billing_address", "cargo_company")
    keys = {name: detailed[name]["id"] for name in nested}
    assert dumps({**detailed, **keys}) == dumps(queries.order_json(order))
    listed = queries.items_json(OrderItem.objects.select_related("order").order_by("pk"))
    assert len(listed) == len(items) == 2
    for item, row in zip(items, listed, strict=True):
        kept = {name: value for name, value in row.items() if name in item}
        assert dumps({**item, "product": item["product"]["id"]}) == dumps(kept)
        assert row.keys() - item.keys() == {
            "price_list", "stock_list", "shipment_code", "is_tradable",
            "localized_attributes", "localized_attributes_kwargs",
        }  # fmt: skip


def test_items_are_listed_alike_from_rows_and_by_their_keys(order):
    rows = list(OrderItem.objects.select_related("order").order_by("-pk"))
    assert dumps(queries.listed_items([row.pk for row in rows])) == dumps(queries.items_json(rows))


def test_what_an_order_names_is_nested(order):
    [detailed] = queries.detailed([order.pk])
    home, bill = detailed["shipping_address"], detailed["billing_address"]
    assert {**home["city"], "id": 0, "pk": 0} == {
        "id": 0, "pk": 0, "name": "İstanbul", "country": home["country"], "is_active": True,
    }  # fmt: skip
    assert (home["country"]["code"], home["district"]["name"]) == ("tr", "Caferağa Mah")
    assert (home["township"]["latitude"], home["township"]["longitude"]) == ("40.990700", "29.027900")
    assert home["district"]["township"] == home["township"]["id"]
    assert (bill["company_name"], bill["township"], bill["district"]) == ('Ş "A", Ltd', None, None)
    assert detailed["cargo_company"]["erp_code"] == "yurtici-kargo"
    assert detailed["customer"]["channel_code"] == "C-71"
    product = detailed["orderitem_set"][0]["product"]
    assert (product["name"], product["attributes"]) == ('Ürün "A"\n', AWKWARD)
    assert [image["image"] for image in product["productimage_set"]] == ["first", "second"]
    assert detailed["orderitem_set"][1]["product"]["productimage_set"] == []


def test_detailed_orders_come_in_the_order_asked_for_by_one_statement(order, django_assert_num_queries):
    other = hub.order(order.channel_id, "R-2", cargo_company=None)
    [made] = take_orders([other], numbers=str, now=hub.NOW)
    with django_assert_num_queries(1):
        found = queries.detailed([made["id"], order.pk, 999_999])
    assert [row["number"] for row in found] == ["R-2", "R-1"]
    assert found[0]["cargo_company"] is None


def test_orders_are_locked_by_their_keys_however_many_there_are(order):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + store.LOCK_ORDERS, ["{}", prepared.numbers([order.items.first().pk])])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Cond: (id = ANY" in plan
    assert "Seq Scan" not in plan

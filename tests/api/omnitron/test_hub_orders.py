import pytest

from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    hub.places()
    hub.products("A", "B", "C")
    return hub.channel().pk


def created(caller, body):
    answer = caller.post("orders/", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_order_is_taken_in_one_body(shop):
    order = created(hub.Caller(), hub.order(shop))
    assert order["id"] == order["pk"]
    assert (order["number"], order["status"], order["amount"]) == ("R-1", "400", "239.90")
    assert order["channel"]["name"] == "Ambar Shop"
    assert order["customer"]["channel_code"] == "C-71"
    assert order["shipping_address"]["city"]["name"] == "İstanbul"
    assert order["shipping_address"]["township"]["name"] == "Kadıköy"
    assert order["billing_address"]["line"] == "Fatura Sok. 1"
    assert [item["product"]["sku"] for item in order["orderitem_set"]] == ["A", "B"]
    assert [item["extra_field"] for item in order["orderitem_set"]] == [{"supplier_code": "AMBAR-01"}] * 2


def test_the_number_is_unique_in_its_channel(shop):
    caller = hub.Caller()
    created(caller, hub.order(shop))
    again = caller.post("orders/", hub.order(shop))
    assert again.status_code == 400
    assert list(again.json()) == ["number"]
    created(caller, hub.order(hub.channel("Other").pk))
    assert caller.get("orders/?number=R-1").json()["count"] == 2
    assert caller.get(f"channel/{shop}/orders/?number=R-1&channel_id={shop}&page=1").json()["count"] == 1
    assert caller.get("orders/?number=R-").json()["count"] == 0


def test_an_order_without_a_number_gets_sixteen_digits(shop):
    number = created(hub.Caller(), hub.order(shop, None))["number"]
    assert len(number) == 16 and number.isdigit()


def test_the_same_customer_and_address_are_kept_once(shop):
    caller = hub.Caller()
    one, two = created(caller, hub.order(shop)), created(caller, hub.order(shop, "R-2"))
    assert one["customer"]["id"] == two["customer"]["id"]
    assert one["shipping_address"]["id"] == two["shipping_address"]["id"]
    assert caller.get("addresses/").json()["count"] == 2


def test_a_bulk_judges_each_order_alone(shop):
    caller = hub.Caller()
    created(caller, hub.order(shop, "R-1"))
    rows = [
        hub.order(shop, "R-1"),
        hub.order(shop, "R-2"),
        hub.order(shop, "R-3", skus=("A", "nope")),
        hub.order(shop, "R-4", shipping_address=hub.address(township="Nowhere")),
        hub.order(999, "R-5"),
        {**hub.order(shop, "R-6"), "items": []},
        hub.order(shop, "R-2"),
        "nonsense",
        hub.order(shop, "R-7", customer={"first_name": "?"}),
        hub.order(shop, "R-8", amount="1e400"),
        hub.order(shop, "R-9"),
    ]
    answer = caller.post("orders/bulk/", {"orders": rows})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert [row["result"] for row in body["rows"]] == [
        "exists", "created", "refused", "refused", "refused", "refused", "refused", "refused", "refused", "refused",
        "created",
    ]  # fmt: skip
    assert (body["count"], body["created"], body["exists"], body["refused"]) == (11, 2, 1, 8)
    assert list(body["rows"][2]["errors"]) == ["items.1.sku"]
    assert list(body["rows"][3]["errors"]) == ["shipping_address.township"]
    assert list(body["rows"][4]["errors"]) == ["channel"]
    assert list(body["rows"][5]["errors"]) == ["items"]
    assert list(body["rows"][6]["errors"]) == ["number"]
    assert list(body["rows"][8]["errors"]) == ["customer"]
    assert list(body["rows"][9]["errors"]) == ["amount"]
    assert caller.get("orders/").json()["count"] == 3


def test_a_bulk_is_bounded(shop):
    answer = hub.Caller().post("orders/bulk/", {"orders": [{}] * 501})
    assert answer.status_code == 400
    assert list(answer.json()) == ["orders"]
    assert hub.Caller().post("orders/bulk/", {"orders": 5}).status_code == 400


def test_patching_an_order_changes_only_whether_it_was_sent(shop):
    caller = hub.Caller()
    key = created(caller, hub.order(shop))["id"]
    answer = caller.patch(f"orders/{key}/", {"is_send": True, "status": "550", "number": "X"})
    assert answer.status_code == 200
    assert (answer.json()["is_send"], answer.json()["status"], answer.json()["number"]) == (
        True,
        "400",
        "R-1",
    )
    caller.patch(f"orders/{key}/", {"is_send": True})
    assert hub.event_names() == [("order.created", key, 1), ("order.updated", key, 2)]


def test_patching_an_item_merges_extra_field_and_replaces_attributes(shop):
    caller = hub.Caller()
    item = created(caller, hub.order(shop))["orderitem_set"][0]["id"]
    caller.patch(f"order_items/{item}/", {"attributes": {"a": 1, "b": 2}})
    answer = caller.patch(
        f"order_items/{item}/",
        {
            "extra_field": {"id": "RI-1"},
            "attributes": {"c": 3},
            "status": "preparing",
            "invoice_number": "INV1",
        },
    )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["extra_field"] == {"supplier_code": "AMBAR-01", "id": "RI-1"}
    assert body["attributes"] == {"c": 3}
    assert (body["status"], body["invoice_number"], body["order_number"]) == ("450", "INV1", "R-1")


def test_the_order_follows_its_items(shop):
    caller = hub.Caller()
    order = created(caller, hub.order(shop))
    first, second = (item["id"] for item in order["orderitem_set"])

    def status():
        return caller.get(f"orders/{order['id']}/").json()["status"]

    caller.patch(f"order_items/{first}/", {"status": 550})
    assert status() == "400"
    caller.patch(f"order_items/{second}/", {"status": "500"})
    assert status() == "500"
    back = caller.patch(f"order_items/{first}/", {"status": "450"})
    assert back.status_code == 406
    assert back.json()["code"] == "order_item_status_backwards"
    assert status() == "500"
    assert caller.get(f"order_items/{first}/").json()["delivered_date"] is not None


def test_a_bulk_status_update_is_all_or_nothing_and_idempotent(shop):
    caller = hub.Caller()
    order = created(caller, hub.order(shop))
    first, second = (item["id"] for item in order["orderitem_set"])
    rows = {
        "orderitem_set": [
            {"id": first, "status": "450", "invoice_number": "F-1"},
            {"id": second, "status": 450},
        ]
    }
    for method, path in (("PATCH", "bulk_status_update"), ("POST", "bulk_update")):
        answer = caller(method, f"order_items/{path}/", rows)
        assert answer.status_code == 200, answer.content
        assert [(row["id"], row["status"]) for row in answer.json()["orderitem_set"]] == [
            (first, "450"),
            (second, "450"),
        ]
    assert hub.event_names()[1:] == [("order.updated", order["id"], 2)]
    wrong = caller.patch(
        "order_items/bulk_status_update/",
        {"orderitem_set": [{"id": first, "status": 500}, {"id": 987654321}]},
    )
    assert wrong.status_code == 400
    assert list(wrong.json()) == ["orderitem_set"]
    assert caller.get(f"order_items/{first}/").json()["status"] == "450"
    unknown = caller.patch(
        "order_items/bulk_status_update/", {"orderitem_set": [{"id": first, "status": "451"}]}
    )
    assert unknown.status_code == 400


def test_items_are_added_and_removed_within_their_channel(shop):
    caller = hub.Caller()
    order = created(caller, hub.order(shop))
    other = hub.channel("Other").pk
    body = {"order": order["id"], "sku": "C", "price": "5"}
    assert caller.post(f"channel/{other}/order_items/", body).status_code == 400
    made = caller.post(f"channel/{shop}/order_items/", body)
    assert (made.status_code, made.json()["price"], made.json()["order"]) == (201, "5.00", order["id"])
    key = made.json()["pk"]
    assert caller.get(f"channel/{other}/order_items/{key}/").status_code == 404
    assert caller("DELETE", f"channel/{other}/order_items/{key}/").status_code == 404
    assert caller("DELETE", f"channel/{shop}/order_items/{key}/").status_code == 204
    assert caller.get(f"order_items/?order={order['id']}&sort=id").json()["count"] == 2
    wrong = caller.post("order_items/", {"order": order["id"], "sku": "nope", "price": "5"})
    assert (wrong.status_code, list(wrong.json())) == (400, ["sku"])


def test_a_channel_creates_an_order_by_keys(shop):
    caller = hub.Caller()
    keys = hub.products("A")
    customer = caller.post(
        f"channel/{shop}/customers/", {"channel": str(shop), "channel_code": "c1", "email": "a@b.co"}
    )
    assert customer.status_code == 201, customer.content
    address = caller.post(f"channel/{shop}/addresses/", {**hub.address(), "customer": customer.json()["pk"]})
    assert address.status_code == 201, address.content
    key = address.json()["pk"]
    body = {
        "order": {
            "number": "R-9", "status": "400", "channel": str(shop), "customer": customer.json()["pk"],
            "shipping_address": key, "billing_address": key, "currency": "try", "amount": "17",
            "extra_field": {"id": "remote-1"}, "cargo_company": hub.cargo().pk, "client_type": "default",
            "date_placed": "2026-01-15T09:30:00Z",
        },
        "order_item": [
            {"product": keys["A"], "status": "400", "price_currency": "try", "price": 17, "tax_rate": 20,
             "extra_field": {"id": "RI-1"}, "attributes": {}, "parent": None},
        ],
    }  # fmt: skip
    answer = caller.post(f"channel/{shop}/create_orders/", body)
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert (order["amount"], order["extra_field"], order["customer"]) == (
        "17.00",
        {"id": "remote-1"},
        customer.json()["pk"],
    )
    items = caller.get(f"channel/{shop}/order_items/?order={order['pk']}&sort=id").json()["results"]
    assert [(item["extra_field"], item["product"]) for item in items] == [({"id": "RI-1"}, keys["A"])]


def test_an_address_known_already_is_refused_with_a_string(shop):
    caller = hub.Caller()
    customer = caller.post(f"channel/{shop}/customers/", {"email": "a@b.co"}).json()["pk"]
    body = {**hub.address(), "customer": customer}
    first = caller.post(f"channel/{shop}/addresses/", body).json()
    again = caller.post(f"channel/{shop}/addresses/", {**body, "line": " MODA cad. no: 12"})
    assert again.status_code == 400
    word = again.json()["non_field_errors"].split(" ")[0]
    assert word == f"hash_data:{first['hash_data']}"
    found = caller.get(f"channel/{shop}/addresses/?hash_data={first['hash_data']}").json()
    assert [row["pk"] for row in found["results"]] == [first["pk"]]


def test_lists_page_by_ten_and_take_any_limit(shop):
    caller = hub.Caller()
    caller.post("orders/bulk/", {"orders": [hub.order(shop, f"R-{n}") for n in range(23)]})
    sizes, path = [], f"channel/{shop}/orders/?page=1"
    while path:
        page = caller.get(path).json()
        sizes.append(len(page["results"]))
        path = page["next"] and page["next"].split("/api/v1/")[1]
    assert sizes == [10, 10, 3]
    assert len(caller.get(f"orders/?limit=50000&unknown=1&channel={shop}").json()["results"]) == 23
    assert caller.get("orders/?status=approved&status=100").json()["count"] == 23
    assert caller.get("orders/?status=packed").status_code == 400
    keys = [row["pk"] for row in caller.get("orders/?sort=-id&limit=100").json()["results"]]
    assert keys == sorted(keys, reverse=True)


def test_roles_hold_what_they_should(shop):
    viewer = hub.Caller("viewer")
    assert viewer.get("orders/").status_code == 200
    assert viewer.post("orders/", hub.order(shop)).status_code == 403
    assert hub.Caller(None).get("orders/").status_code == 401


def test_an_idempotency_key_takes_an_order_once(shop):
    caller = hub.Caller()
    keyed = {"Idempotency-Key": "k-1"}
    one = caller.post("orders/", hub.order(shop, None), keyed)
    two = caller.post("orders/", hub.order(shop, None), keyed)
    assert (one.status_code, two.json()) == (201, one.json())
    assert caller.get("orders/").json()["count"] == 1
    assert caller.post("orders/", hub.order(shop, "Z"), keyed).status_code == 422

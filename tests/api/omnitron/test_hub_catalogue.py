import pytest

from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db


def test_products_are_loaded_and_replaced_by_sku():
    caller = hub.Caller()
    rows = [
        {"sku": "A", "name": "Bir", "weight": "0.250", "images": ["https://example.com/a.jpg"]},
        {"sku": "B", "name": ""},
    ]
    body = caller.post("products/bulk/", {"products": rows}).json()
    assert [row["result"] for row in body["rows"]] == ["created", "refused"]
    assert list(body["rows"][1]["errors"]) == ["name"]
    again = caller.post(
        "products/bulk/", {"products": [{"sku": "A", "name": "İki"}, {"sku": "A", "name": "Üç"}]}
    ).json()
    assert [row["result"] for row in again["rows"]] == ["updated", "refused"]
    product = caller.get("products/?sku=A").json()["results"][0]
    assert (product["name"], product["id"]) == ("İki", product["pk"])
    assert product["productimage_set"][0]["image"] == "https://example.com/a.jpg"
    assert caller.get(f"products/?pk__in={product['pk']},99&product_type=0").json()["count"] == 1


def test_one_product_is_made_and_changed():
    caller = hub.Caller()
    made = caller.post("products/", {"sku": "A", "name": "Bir"})
    assert made.status_code == 201, made.content
    assert list(caller.post("products/", {"sku": "A", "name": "Bir"}).json()) == ["sku"]
    changed = caller.patch(f"products/{made.json()['pk']}/", {"attributes": {"renk": "mavi"}})
    assert (changed.json()["attributes"], changed.json()["name"]) == ({"renk": "mavi"}, "Bir")


def test_prices_are_loaded_by_product_list_and_type():
    caller = hub.Caller()
    keys = hub.products("A", "B")
    main = hub.price_list().pk
    rows = [
        {"sku": "A", "price_list": main, "price": "10.5", "tax_rate": 20},
        {"product": keys["B"], "price_list": main, "price": 7},
        {"sku": "nope", "price_list": main, "price": 7},
        {"sku": "A", "price_list": 999, "price": 7},
        {"sku": "B", "price_list": main, "price": "-1"},
    ]
    body = caller.post("product_prices/bulk/", {"product_prices": rows}).json()
    assert [row["result"] for row in body["rows"]] == ["created", "created", "refused", "refused", "refused"]
    assert [list(row["errors"]) for row in body["rows"][2:]] == [["sku"], ["price_list"], ["price"]]
    channel = hub.channel().pk
    found = caller.get(
        f"channel/{channel}/product_prices/?product__pk__in={keys['A']}&price_list={main}"
    ).json()
    assert [(row["price"], row["tax_rate"], row["currency_type"]) for row in found["results"]] == [
        ("10.50", "20.00", "try")
    ]


def test_stocks_are_loaded_into_the_list_of_a_store():
    caller = hub.Caller()
    hub.places()
    keys = hub.products("A", "B")
    store = hub.store("S-1")
    made = caller.post("stock_lists/", {"name": "S-1", "retail_store": store})
    assert made.status_code == 201, made.content
    assert list(caller.post("stock_lists/", {"name": "x", "retail_store": store}).json()) == ["retail_store"]
    rows = [
        {"sku": "A", "erp_code": "S-1", "stock": 12},
        {"product": keys["B"], "stock_list": made.json()["pk"], "stock": "3"},
        {"sku": "A", "erp_code": "S-9", "stock": 1},
        {"sku": "A", "stock_list": made.json()["pk"], "stock": 1},
    ]
    body = caller.post("product_stocks/bulk/", {"product_stocks": rows}).json()
    assert [row["result"] for row in body["rows"]] == ["created", "created", "refused", "refused"]
    found = caller.get(
        f"product_stocks/?stock_list__retail_store={store}&product__pk__in={keys['A']}"
    ).json()["results"]
    assert [(row["stock"], row["unit_type"], row["sku"]) for row in found] == [(12, "qty", "A")]
    again = caller.post("product_stocks/bulk/", {"product_stocks": rows[:1]}).json()
    assert (again["updated"], again["rows"][0]["id"]) == (1, found[0]["id"])


def test_stores_are_loaded_with_their_places_and_told_of():
    caller = hub.Caller()
    hub.places()
    rows = [
        {"erp_code": "S-1", "name": "Bir", "city": "istanbul", "township": "kadıköy"},
        {"erp_code": "S-2", "name": "İki", "city": "İstanbul", "township": "Konak"},
        {"erp_code": "S-3", "name": "Üç", "township_id": 999999},
    ]
    body = caller.post("retail_stores/bulk/", {"retail_stores": rows}).json()
    assert [row["result"] for row in body["rows"]] == ["created", "refused", "refused"]
    assert list(body["rows"][1]["errors"]) == ["township"]
    key = body["rows"][0]["id"]
    store = caller.get("retail_stores/?erp_code=S-1").json()["results"][0]
    assert (store["latitude"], store["township"]) == ("40.990700", store["township_id"])
    detailed = caller.get(f"retail_stores/{key}/detailed/").json()
    assert detailed["township"]["city"]["country"]["name"] == "Türkiye"
    changed = caller.patch(f"retail_stores/{key}/", {"is_active": False})
    assert changed.json()["is_active"] is False
    [first, second] = hub.events()
    assert [event[:4] for event in (first, second)] == [
        ("retail_store.created", "retail_store", key, 1),
        ("retail_store.updated", "retail_store", key, 2),
    ]
    assert second[4]["township"]["city"]["name"] == "İstanbul"
    assert caller.patch("retail_stores/999/", {"name": "x"}).status_code == 404


def test_channels_catalogues_and_content_types():
    caller = hub.Caller()
    main = hub.price_list().pk
    catalog = caller.post("catalogs/", {"name": "Main", "price_list": main, "stock_list": 12}).json()
    assert caller.get(f"catalogs/{catalog['pk']}/").json()["price_list"] == main
    made = caller.post(
        "channels/", {"name": "Shop", "channel_type": "sales_channel", "catalog": catalog["pk"]}
    )
    assert made.status_code == 201, made.content
    key = made.json()["pk"]
    patched = caller.patch(f"channels/{key}/", {"schema": {"a": 1}, "category_tree": 5})
    assert (patched.json()["schema"], patched.json()["category_tree"]) == ({"a": 1}, 5)
    assert caller.get("channels/").json()["results"][0]["conf"] == {}
    for model in ("order", "orderitem", "product", "productprice", "productstock", "channel"):
        [row] = caller.get(f"content_types/?model={model}&page=1").json()
        assert row["model"] == model
    hub.cargo()
    assert caller.get(f"channel/{key}/cargos/?page=1").json()["results"][0]["erp_code"] == "yurtici-kargo"


def test_signing_in():
    from ambar.kit import accounts

    accounts.ensure_user("integration", "integration-secret", roles=["integration"])
    caller = hub.Caller(None)
    wrong = caller.post("auth/login/", {"username": "integration", "password": "nope"})
    assert (wrong.status_code, next(iter(wrong.json()))) == (400, "non_field_errors")
    key = caller.post("auth/login/", {"username": "integration", "password": "integration-secret"}).json()[
        "key"
    ]
    caller.headers = {"Authorization": f"Token {key}"}
    assert caller.get("active_user/").json()["username"] == "integration"
    caller.headers = {"Authorization": "Token wrong"}
    assert caller.get("active_user/").status_code == 401

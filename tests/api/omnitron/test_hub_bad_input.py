"""Whatever is sent, the answer is a clear 4xx, never a 5xx."""

import re

import pytest

from ambar.kit import rest
from ambar.omnitron.api import api
from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db

BODIES = [
    "", "null", "[]", "{}", "5", '"text"', "{", "[[]]", '{"a": NaN}', '{"name": "\\u0000"}', '{"name": null, "sku": null}',
    '{"orders": [null, 1, "x", [], {}]}', '{"products": [{"sku": {}, "name": []}]}', '{"orderitem_set": [{"id": -1}]}',
    '{"orderitem_set": [{"id": 99999999999999999999, "status": "x"}]}', '{"order": {"items": 5}, "order_item": 7}',
    '{"retail_stores": [{"erp_code": "x", "name": "x", "city": [], "township": {"id": "x"}}]}',
    '{"product_stocks": [{"sku": "A", "stock_list": 9223372036854775808, "stock": 1}]}',
    '{"product_prices": [{"sku": "A", "price_list": 1, "price": "NaN"}, {"sku": "A", "price_list": 1, "price": 1e30}]}',
    '{"customer": 9223372036854775807, "city": 1, "cancel_items": [0], "is_all": "perhaps", "reasons": {"x": 1}}',
    '{"name": "' + "x" * 5000 + '", "erp_code": "x", "shipping_company": "x", "code": "x", "country": 1, "city": 1}',
    '{"channel": 1, "customer": {"email": []}, "shipping_address": [], "items": [{"price": "1", "sku": "A"}]}',
]  # fmt: skip
QUERIES = [
    "limit=abc", "limit=0", "limit=-1", "page=0", "page=99999999999999999999", "id=abc", "pk__in=1,x", "pk__in=,",
    "id__gt=9223372036854775808", "is_active=perhaps", "modified_date__gte=yesterday", "sort=nothing,-id",
    "status=zzz", "name__iexact=%00", "code=%F0%9F%98%80", "sort=-sort", "cursor=zz", "city=9223372036854775807",
]  # fmt: skip
LONG = "/places/import/"
"""Its empty body is a good one and loads 73 000 districts: `test_hub_places` has its cases."""
ALL = sorted(
    {
        (endpoint.method, endpoint.path)
        for endpoint in rest.endpoints(api)
        if "whisperer" not in endpoint.path and endpoint.path != LONG
    }
)


def concrete(path: str, key: str, channel: int = 1) -> str:
    return re.sub(r"\{[^}]*channel_id\}", str(channel), re.sub(r"\{[^}]*pk\}", key, path)).lstrip("/")


@pytest.fixture
def shop():
    """A channel, and something of everything in it."""
    hub.places()
    hub.products("A")
    hub.cargo()
    hub.price_list()
    channel = hub.channel().pk
    caller = hub.Caller()
    store = hub.store("S-1")
    caller.post("stock_lists/", {"name": "S-1", "retail_store": store})
    caller.post("product_stocks/bulk/", {"product_stocks": [{"sku": "A", "erp_code": "S-1", "stock": 1}]})
    order = caller.post("orders/", hub.order(channel, skus=("A",))).json()
    assert caller.post(f"orders/{order['id']}/cancel/", {"is_all": True}).status_code == 201
    return channel


def some_key(caller, path, channel):
    """The key of a row that exists, where the path names one."""
    if "pk}" not in path:
        return "1"
    listed = caller.get(concrete(path.split("{int:pk}")[0].split("{pk}")[0], "1", channel))
    rows = listed.json().get("results") if listed.status_code == 200 else None
    return str(rows[0]["pk"]) if rows else "1"


@pytest.mark.parametrize(("method", "path"), ALL)
def test_bad_input_is_answered_with_a_reason(method, path, shop):
    caller = hub.Caller()
    url = concrete(path, some_key(caller, path, shop), shop)
    tried = [(url, body) for body in BODIES] if method in ("POST", "PATCH", "PUT") else []
    tried += [(f"{url}?{query}", "") for query in QUERIES] if method == "GET" else []
    tried += [
        (concrete(path, "9223372036854775807", shop), "{}"),
        (concrete(path, "9223372036854775808", shop), "{}"),
    ]
    for url, body in tried:
        answer = caller(method, url, body)
        assert b"Internal" not in answer.content
        assert answer.status_code < 500, (method, url, body, answer.content[:300])
        if answer.status_code >= 400 and answer.content:
            assert answer.json(), (method, url, body)


def test_every_endpoint_asks_for_a_token():
    nobody = hub.Caller(None)
    for method, path in ALL:
        if "auth/login" not in path:
            assert nobody(method, concrete(path, "1"), "{}").status_code in (401, 404), (method, path)


def test_hooks_of_the_six_event_types_can_be_registered():
    caller = hub.Caller()
    known = set(caller.get("whisperer/hooks/registry/").json())
    assert known >= {
        f"{kind}.{what}"
        for kind in ("order", "cancellation_plan", "retail_store")
        for what in ("created", "updated")
    }

"""The public client of the real Omnitron, unchanged, against ours: it logs in, pages, writes, and never waits."""

from __future__ import annotations

import json
import os

import pytest
import requests
from omnisdk.exceptions import ClientMissingParameterException, ValidationError
from omnisdk.omnitron.client import OmnitronApiClient
from omnisdk.omnitron.endpoints import ChannelOrderEndpoint, ChannelOrderItemEndpoint, ProductEndpoint
from omnisdk.omnitron.models import OrderItem, Product

from ambar.cli import systems
from tests.worlds.recorded_calls import Recorder, forbid_retries
from tests.worlds.served_system import ServedSystem

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        "AMBAR_TEST_SERVER" not in os.environ, reason="needs a PostgreSQL server (AMBAR_TEST_SERVER)"
    ),
]
USERNAME, PASSWORD = "integration", "integration-of-the-tests"
FILL = (
    f"from ambar.kit import accounts; accounts.ensure_user({USERNAME!r}, {PASSWORD!r}, roles=['integration'])"
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with ServedSystem(systems.OMNITRON, tmp_path_factory.mktemp("omnitron"), fill=FILL) as running:
        yield running


@pytest.fixture(scope="module")
def shop(hub):
    """A channel with 23 orders of two items each; answers the channel's key."""
    session = requests.Session()
    key = session.post(
        f"{hub.url}api/v1/auth/login/", json={"username": USERNAME, "password": PASSWORD}
    ).json()["key"]
    session.headers["Authorization"] = f"Token {key}"

    def post(path, body):
        answer = session.post(f"{hub.url}api/v1/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    post("places/import/", {"districts_of": []})
    post("products/bulk/", {"products": [{"sku": sku, "name": sku} for sku in ("A", "B")]})
    channel = post("channels/", {"name": "Shop"})["pk"]
    address = {"country": "tr", "city": "İstanbul", "township": "Kadıköy", "line": "Moda Cad. 1"}
    orders = [
        {
            "number": f"R-{number:02d}",
            "channel": channel,
            "customer": {"email": f"c{number}@example.com"},
            "shipping_address": address,
            "items": [{"sku": sku, "price": "10.00"} for sku in ("A", "B")],
        }
        for number in range(23)
    ]
    assert post("orders/bulk/", {"orders": orders})["created"] == 23
    return channel


@pytest.fixture
def client(hub):
    return OmnitronApiClient(hub.url, USERNAME, PASSWORD)


@pytest.fixture
def recorded(client):
    return Recorder(client.session)


@pytest.fixture(autouse=True)
def _never_tried_again(monkeypatch):
    forbid_retries(monkeypatch)


def first_item(channel):
    [order] = ChannelOrderEndpoint(channel_id=channel, raw=True).list(params={"number": "R-00"})["results"]
    return ChannelOrderItemEndpoint(channel_id=channel, raw=True).list(params={"order": order["pk"]})[
        "results"
    ][0]


def test_signing_in_gives_a_token_that_stays(client, hub):
    """Rows 1 and 2."""
    assert client.token.startswith("Token ")
    again = OmnitronApiClient(hub.url, USERNAME, PASSWORD)
    assert again.token != client.token
    assert OmnitronApiClient(hub.url, None, None, token=client.token).token == client.token


def test_bad_credentials_are_a_validation_error(hub):
    with pytest.raises(ValidationError) as refused:
        OmnitronApiClient(hub.url, USERNAME, "wrong")
    assert next(iter(refused.value.json)) == "non_field_errors"
    with pytest.raises(ValidationError) as unknown:
        OmnitronApiClient(hub.url, None, None, token="Token nope")
    assert "detail" in unknown.value.json


def test_23_orders_come_as_pages_of_10_10_and_3(shop, client, recorded):
    """Row 3."""
    endpoint = ChannelOrderEndpoint(channel_id=shop)
    pages = [endpoint.list(params={"limit": 10}), *endpoint.iterator]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert len({order.number for page in pages for order in page}) == 23
    assert recorded.seen() == [
        ("GET", f"/api/v1/channel/{shop}/orders/?limit=10&page={page}", 200) for page in (1, 2, 3)
    ]
    assert recorded.calls[0][3]["Authorization"] == client.token


def test_a_sub_path_is_a_list(shop, client, recorded):
    """Row 4."""
    endpoint = ChannelOrderEndpoint(channel_id=shop, path="updates")
    assert endpoint.list(params={"limit": 5}) == []
    assert recorded.seen() == [("GET", f"/api/v1/channel/{shop}/orders/updates/?limit=5&page=1", 200)]


def test_retrieving_one_and_missing_one(shop, client, recorded):
    """Row 5."""
    key = first_item(shop)["order"]
    order = ChannelOrderEndpoint(channel_id=shop).retrieve(key)
    assert (order.pk, order.id, order.number, order.status) == (key, key, "R-00", "400")
    with pytest.raises(requests.HTTPError) as missing:
        ChannelOrderEndpoint(channel_id=shop).retrieve(987654321)
    assert missing.value.response.status_code == 404
    assert missing.value.args[1]["detail"] == "Not found."


def test_creating_updating_and_deleting_an_item(shop, client, recorded):
    """Rows 6, 7 and 8."""
    endpoint = ChannelOrderItemEndpoint(channel_id=shop)
    model = first_item(shop)
    made = endpoint.create(OrderItem(order=model["order"], product=model["product"], price="5", status="400"))
    assert (made.order, made.price, made.order_number) == (model["order"], "5.00", "R-00")
    changed = endpoint.update(made.pk, OrderItem(status="450", invoice_number="INV1"))
    assert ChannelOrderEndpoint(channel_id=shop, path="updates").list(params={"limit": 5})[0].number == "R-00"
    assert (changed.status, changed.invoice_number) == ("450", "INV1")
    with pytest.raises(requests.HTTPError) as backwards:
        endpoint.update(made.pk, OrderItem(status="400"))
    assert backwards.value.response.status_code == 406
    assert backwards.value.args[1]["code"] == "order_item_status_backwards"
    assert endpoint.delete(made.pk) == {}
    written = [call[2] for call in recorded.calls if call[0] != "GET"]
    assert written == [201, 200, 406, 204]


def test_an_expired_token_is_renewed_once(shop, client, recorded):
    """Row 9."""
    client.session.headers["Authorization"] = "Token expired"
    [order] = ChannelOrderEndpoint(channel_id=shop).list(params={"number": "R-07"})
    assert order.number == "R-07"
    path = f"/api/v1/channel/{shop}/orders/?number=R-07&page=1"
    assert recorded.seen() == [("GET", path, 401), ("POST", "/api/v1/auth/login/", 200), ("GET", path, 200)]
    assert recorded.calls[-1][3]["Authorization"] == client.token != "Token expired"


def test_bad_input_is_a_field_map(client, recorded):
    with pytest.raises(requests.HTTPError) as refused:
        ProductEndpoint().create(Product(sku="C"))
    assert refused.value.response.status_code == 400
    assert list(refused.value.args[1]) == ["name"]
    assert json.loads(refused.value.response.content) == refused.value.args[1]


def test_nothing_is_sent_without_a_channel(client, recorded):
    """Row 10."""
    with pytest.raises(ClientMissingParameterException):
        ChannelOrderEndpoint().list()
    assert recorded.calls == []

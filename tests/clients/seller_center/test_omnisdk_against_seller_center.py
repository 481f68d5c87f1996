"""The public client of Omnitron, pointed at the Seller Center's OMS application by a sub-class of its base client."""

from __future__ import annotations

import os

import pytest
import requests
from omnisdk.api_endpoint import ApiEndpoint
from omnisdk.base_client import BaseClient
from omnisdk.exceptions import ValidationError
from omnisdk.omnitron.models import Country, Order, OrderItem

from ambar.cli import systems
from tests.worlds.recorded_calls import Recorder, forbid_retries
from tests.worlds.served_system import ServedSystem

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        "AMBAR_TEST_SERVER" not in os.environ, reason="needs a PostgreSQL server (AMBAR_TEST_SERVER)"
    ),
]
FILL = """
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from ambar.seller_center.sellers.actions.issue_oms_token import issue_oms_token
from tests.worlds import seller_center_market as market
market.take(*(market.shop_order(number) for number in range(1, 24)))
print(issue_oms_token(market.seller().pk, name="OMS", now=market.NOW))
"""


class SellerCenterClient(BaseClient):
    client_route = "api/v1/applications/oms/"


def endpoint(name, model, **options):
    return ApiEndpoint("SellerCenterClient", name, model, **options)


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    with ServedSystem(systems.SELLER_CENTER, tmp_path_factory.mktemp("market"), fill=FILL) as running:
        yield running


@pytest.fixture
def client(market):
    return SellerCenterClient(market.url, None, None, token=f"Token {market.told.splitlines()[-1]}")


@pytest.fixture
def recorded(client):
    return Recorder(client.session)


@pytest.fixture(autouse=True)
def _never_tried_again(monkeypatch):
    forbid_retries(monkeypatch)


def test_an_unknown_token_is_a_validation_error(market):
    with pytest.raises(ValidationError) as refused:
        SellerCenterClient(market.url, None, None, token="Token nope")
    assert "detail" in refused.value.json


def test_23_orders_come_as_pages_of_10_10_and_3(client, recorded):
    orders = endpoint("orders", Order)
    pages = [orders.list(params={"limit": 10}), *orders.iterator]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert {order.supplier_code for page in pages for order in page} == {"AMBAR-01"}
    assert recorded.seen() == [
        ("GET", f"/api/v1/applications/oms/orders/?limit=10&page={page}", 200) for page in (1, 2, 3)
    ]


def test_an_order_and_its_items_and_a_missing_one(client, recorded):
    first = endpoint("orders", Order).list(params={"limit": 1})[0]
    assert endpoint("orders", Order).retrieve(first.pk).number == first.number
    [item] = endpoint("order_items", OrderItem).list(params={"order": first.pk})
    assert endpoint("orderitem_set", OrderItem).list(params={"order": first.pk})[0].pk == item.pk
    with pytest.raises(requests.HTTPError) as missing:
        endpoint("orders", Order).retrieve(987654321)
    assert missing.value.response.status_code == 404
    assert "detail" in missing.value.args[1]


def test_counts_and_countries(client, recorded):
    count = endpoint("countries", Country, path="count", raw=True).list()["count"]
    assert count == endpoint("countries", Country, raw=True).list(params={"limit": 1})["count"]

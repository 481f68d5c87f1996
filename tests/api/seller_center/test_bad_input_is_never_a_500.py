"""Garbage on every endpoint: a 4xx that says why, never a 5xx, and nothing half-written."""

import json
import re

import pytest

from ambar.kit import rest, work
from ambar.seller_center.api import api, i2, oms_application
from ambar.seller_center.orders.models import CancellationPlan, Order, OrderItem
from ambar.seller_center.packages.models import Package
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

ROOTS = ((api, "/api/v1"), (oms_application, market.OMS), (i2, "/api/i2"))
PARAMETER = re.compile(r"\{(?:int:)?(\w+)\}")
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"3",
    b'"x"',
    b"{}",
    b'{"a": 1, "a": 2}',
    b'{"a": NaN}',
    b'{"x": 1e999}',
    b"[" * 200 + b"]" * 200,
    b"\xff\xfe",
    json.dumps({"orderitem_set": [{"id": 10**30, "status": {}}, None, [], {"id": True}]}).encode(),
    json.dumps({"event": {"type": "package.created", "uuid": "\u0000"}, "payload": {}}).encode(),
    json.dumps({"event": [], "payload": {"number": "\u0000"}}).encode(),
    json.dumps(
        {"seller": 2**70, "offers": [{"sku": "\u0000", "stock": -1}], "products": [None], "ids": [2**70]}
    ).encode(),
    json.dumps(
        {"offers": [{"sku": "x" * 300, "stock": 2**40, "retail_price": "1e5", "sale_price": "-1"}]}
    ).encode(),
    json.dumps({"base_url": "http://{base}", "timeouts": {"read": -1}, "status": 5, "reason": []}).encode(),
    json.dumps({"supplier_code": "a b", "name": ""}).encode(),
    json.dumps({"ids": [2**70], "is_send": "maybe"}).encode(),
]
QUERIES = [
    "page=0", "page=x", "limit=-1", "limit=99999999999999999999", "sort=nope", "sort=-", "cursor=zzz", "cursor=",
    "id__in=1,x", "id__gt=99999999999999999999", "pk__in=", "modified_date__gte=x", "modified_date__gte=0001-01-01T00:00:00%2B14:00",
    "created_date__lt=2026-13-01", "status=zzz", "status__in=,,", "list=nope", "number=%00", "name__iexact=%00", "seller=x",
    "supplier_code=%ED%A0%80", "tracking_number=%00", "unknown=1", "is_active=perhaps", "order=1e3", "page=10000000", "country=x",
]  # fmt: skip


def filled(path, pk):
    return PARAMETER.sub(lambda m: "ship" if m[1] == "action" else str(pk), path)


def test_garbage_bodies():
    market.take(market.shop_order(21))
    callers = [market.user("root", ["admin"]), market.oms(), market.Caller(None)]
    before = [model.objects.count() for model in (Order, OrderItem, Package, CancellationPlan)]
    ids = {
        "order_id": Order.objects.get().pk,
        "item_id": OrderItem.objects.get().pk,
        "package_id": Package.objects.get().pk,
    }
    for one, root in ROOTS:
        for endpoint in rest.endpoints(one):
            if endpoint.method == "GET":
                continue
            names = [n for n in PARAMETER.findall(endpoint.path) if n != "action"]
            pk = ids.get(names[0], market.seller().pk) if names else 0
            for caller in callers:
                for body in BODIES:
                    answer = caller(endpoint.method, root + filled(endpoint.path, pk), body)
                    assert answer.status_code < 500, (
                        endpoint.method,
                        root + endpoint.path,
                        body[:90],
                        answer.content,
                    )
    work.drain_all()
    assert [model.objects.count() for model in (Order, OrderItem, Package, CancellationPlan)] == before


def test_garbage_queries():
    market.take(market.shop_order(21))
    caller = market.user("root", ["admin"])
    for one, root in ROOTS:
        for endpoint in rest.endpoints(one):
            if endpoint.method == "GET":
                for query in QUERIES:
                    answer = caller.get(f"{root}{filled(endpoint.path, 1)}?{query}")
                    assert answer.status_code < 500, (root + endpoint.path, query, answer.content)

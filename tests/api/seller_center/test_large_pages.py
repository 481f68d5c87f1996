"""What a caller gets that asks for very much at once: a bounded answer or a refusal that says so, in bounded memory."""

from __future__ import annotations

import copy
import tracemalloc

import pytest

from ambar.seller_center.delivery.store import default_setting_id
from ambar.seller_center.handover import store
from ambar.seller_center.handover.domain import offered
from tests.worlds import seller_center_market as market
from tests.worlds.handover_orders import variants

pytestmark = pytest.mark.django_db


def peak(path):
    client = market.oms()
    client.get(f"{market.OMS}/orders/?limit=1")
    tracemalloc.start()
    answer = client.get(path)
    size, most = len(answer.content), tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return answer, size, most


def test_measure():
    order, items = offered.read(variants()[0])
    orders, lines = [], []
    for n in range(1100):
        one = {**copy.deepcopy(order), "id": 10000 + n, "upstream_id": 10000 + n, "number": f"N{n}"}
        orders.append(one)
        for k in range(3):
            line = {
                **copy.deepcopy(items[0]),
                "id": 100000 + n * 10 + k,
                "upstream_id": 100000 + n * 10 + k,
                "order_id": one["id"],
            }
            lines.append(line)
    store.insert(orders, lines, seller_id=market.seller().pk, delivery_setting_id=default_setting_id())
    for path in (
        "/orders/?limit=100000",
        "/orders/?limit=500",
        "/handover/orders/rows/?fields=1",
        "/orderitems/?limit=100000",
    ):
        answer, size, most = peak(market.OMS + path)
        print(
            path,
            answer.status_code,
            size,
            most,
            len(answer.json().get("results", [])) if answer.status_code == 200 else answer.content[:200],
        )

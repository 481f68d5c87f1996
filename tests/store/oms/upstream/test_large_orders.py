"""F12: what is large is taken up to a stated limit and refused beyond it, and neither fills the memory."""

from __future__ import annotations

import copy
import gc
import json
from pathlib import Path
from typing import Any

import pytest

from ambar.kit import accounts
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.upstream.api import MOST
from ambar.oms.upstream.models import Quarantined
from ambar.oms.upstream.schemas import MOST_LINES
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db
PATH = "/api/v1/oms/intake/orders/"
MOST_BYTES = 50 * 1024 * 1024


@pytest.fixture
def push():
    world.teach_places()
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01", "order_filters": []})
    user = accounts.ensure_user("pusher", "pusher-pusher-1", ["integration"])
    return world.Caller(accounts.issue_token(user, name="push"))


def large(lines: int, **changed: Any) -> dict[str, Any]:
    order = world.order(7, **changed)
    first = order["orderitem_set"][0]
    order["orderitem_set"] = []
    for n in range(lines):
        line = copy.deepcopy(first)
        line.update(id=7000 + n, pk=7000 + n)
        order["orderitem_set"].append(line)
    return order


def resident() -> int:
    """Bytes this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_an_order_of_two_thousand_lines_is_taken_whole(push, django_assert_max_num_queries) -> None:
    order = large(MOST_LINES)
    gc.collect()
    before = resident()
    with django_assert_max_num_queries(40):
        answer = push.post(PATH, order).json()
    assert answer["counts"] == {"created": 1}
    assert OrderItem.objects.filter(order=Order.objects.get()).count() == MOST_LINES == 2000
    assert resident() - before < MOST_BYTES


def test_one_line_more_is_set_aside_with_the_reason_and_not_half_taken(push) -> None:
    [verdict] = push.post(PATH, large(MOST_LINES + 1)).json()["verdicts"]
    assert verdict["outcome"] == "quarantined" and "orderitem_set" in verdict["reason"]
    assert (Order.objects.count(), Quarantined.objects.count()) == (0, 1)


def test_more_orders_than_one_request_may_bring_are_refused_before_any_is_read(push, monkeypatch) -> None:
    monkeypatch.setattr("ambar.oms.upstream.api.take_orders", None)
    answer = push.post(PATH, [{}] * (MOST + 1))
    assert (answer.status_code, list(answer.json())) == (400, ["orders"])


def test_ten_megabytes_are_read_and_one_byte_more_is_413(push, settings) -> None:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert limit == 10 * 1024 * 1024
    order = large(2)
    order["notes"] = "x" * (limit - len(json.dumps({**order, "notes": ""})))
    gc.collect()
    before = resident()
    whole = push.post(PATH, order)
    assert whole.status_code == 200 and len(whole.json()["verdicts"]) == 1
    order["notes"] += "x"
    assert push.post(PATH, order).status_code == 413
    del order, whole
    gc.collect()
    assert resident() - before < MOST_BYTES


def test_a_page_holds_a_thousand_rows_whatever_is_asked_for(push, monkeypatch) -> None:
    asked: list[int] = []
    from django.db.models.query import QuerySet

    sliced = QuerySet.__getitem__

    def noting(self: QuerySet[Any], key: Any) -> Any:
        if isinstance(key, slice) and key.stop is not None:
            asked.append(key.stop - (key.start or 0))
        return sliced(self, key)

    monkeypatch.setattr(QuerySet, "__getitem__", noting)
    reader = accounts.ensure_user("reader", "reader-reader-1", ["admin"])
    answer = world.Caller(accounts.issue_token(reader, name="read")).get("/api/v1/oms/orders/?limit=100000")
    assert answer.status_code == 200
    assert asked and max(asked) <= 1001, "and one more, which tells whether there is a next page"

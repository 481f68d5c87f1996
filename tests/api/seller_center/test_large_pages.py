"""What an OMS gets that asks for very much at once: a bounded answer, or a refusal that says so, in bounded memory."""

from __future__ import annotations

import tracemalloc

import pytest
from django.db import connection

from ambar.seller_center.delivery.store import default_setting_id
from ambar.seller_center.handover import queries, store
from ambar.seller_center.handover.domain import offered
from ambar.seller_center.packages.models import Package
from tests.worlds import seller_center_market as market
from tests.worlds.handover_orders import variants

pytestmark = pytest.mark.django_db
MEGABYTE = 1 << 20
MOST = 50 * MEGABYTE
"""F12: what one question may take beside what the process has."""
ORDERS = 1100


@pytest.fixture
def many():
    """More orders than a page has, of two lines each."""
    order, items = offered.read(variants()[0])
    orders = [{**order, "id": n, "upstream_id": n, "number": f"N{n}"} for n in range(10_000, 10_000 + ORDERS)]
    lines = [
        {**item, "id": one["id"] * 10 + n, "upstream_id": one["id"] * 10 + n, "order_id": one["id"]}
        for one in orders
        for n, item in enumerate(items)
    ]
    seller = market.seller()
    store.insert(orders, lines, seller_id=seller.pk, delivery_setting_id=default_setting_id())
    return seller


def asked(path):
    """(the answer, the most memory it took) of a question; what is loaded once is loaded before."""
    client = market.oms()
    client.get(f"{market.OMS}/{path.partition('?')[0]}?limit=1")
    tracemalloc.start()
    try:
        answer = client.get(f"{market.OMS}/{path}")
        return answer, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_list_answers_a_thousand_however_many_are_asked_for(many):
    """1,000 orders of three lines are a body of 5.6 MB, made in 35 MB (traced once; tracing takes ten seconds)."""
    answer = market.oms().get(f"{market.OMS}/orders/?limit=100000")
    assert (answer.status_code, len(answer.json()["results"])) == (200, 1000)
    assert len(answer.content) < 10 * MEGABYTE


def test_digests_and_rows_of_orders_take_bounded_memory(many):
    answer, most = asked("handover/orders/rows/?fields=1")
    assert (len(answer.json()["results"]), most < MOST) == (ORDERS, True)
    answer, most = asked("handover/orders/digests/?bits=8&fields=1")
    assert (sum(one["count"] for one in answer.json()["results"]), most < MOST) == (ORDERS, True)


def test_the_largest_answer_of_rows_takes_bounded_memory_and_one_more_row_is_refused(many, monkeypatch):
    """Ten thousand rows, as many as there may be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sc_packages_package (seller_id, origin, number, order_number, status, state_code, state_name, sequence, made_at,"
            " currency, location_name, tracking_numbers, created_at, modified_at)"
            " SELECT %s, 'oms', 'P' || n, '', 1, 100, '', 1, now(), '', '', '{}', now(), now() FROM generate_series(1, 10000) n",
            [many.pk],
        )
    answer, most = asked("handover/packages/rows/?fields=1")
    assert (len(answer.json()["results"]), most < MOST) == (10_000, True)
    Package.objects.create(
        seller=many, number="Q", state_code=100, sequence=1, made_at=market.NOW, status=1, origin="oms", created_at=market.NOW,
        modified_at=market.NOW,
    )  # fmt: skip
    answer, most = asked("handover/packages/rows/?fields=1")
    assert (answer.status_code, list(answer.json()), most < MOST) == (400, ["place"], True)


def test_orders_with_more_packages_than_an_answer_holds_are_refused_by_name(many, monkeypatch):
    monkeypatch.setattr(queries, "MOST_PACKAGES", 2)
    for n in range(3):
        Package.objects.create(
            seller=many, number=f"P{n}", state_code=100, sequence=1, made_at=market.NOW, status=1, origin="oms",
            order_id=10_000 + n % 2, created_at=market.NOW, modified_at=market.NOW,
        )  # fmt: skip
    answer, _ = asked("handover/packages/details/?order=10000&order=10001")
    assert (answer.status_code, answer.json()) == (
        400,
        {"order": ["More than 2 records: ask about fewer at once."]},
    )
    answer, _ = asked("handover/packages/details/?order=10000")
    assert [one["number"] for one in answer.json()["results"]] == ["P0", "P2"]

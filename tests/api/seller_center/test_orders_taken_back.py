"""Orders the marketplace has lost come back from the seller's OMS: as they were offered, and nothing else."""

import copy
import json

import pytest
from django.db import connection
from django.utils.crypto import salted_hmac

from ambar.kit.accounts.models import AuditEntry
from ambar.seller_center.orders.models import Order, OrderItem
from ambar.seller_center.packages.models import Package
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)
BACK = f"{market.OMS}/handover/orders/"


@pytest.fixture
def offered():
    """Two orders as the seller's OMS was offered them; the first is lost since, with its packages."""
    market.take(
        market.shop_order(21, items=[(210, "A", "AMBAR-01"), (211, "B", "AMBAR-01"), (212, "C", "MODA-02")]),
        market.shop_order(22, items=[(220, "A", "AMBAR-01")], notes="ring \u0131 twice"),
    )
    listed = market.oms().get(f"{market.OMS}/orders/?sort=id").json()["results"]
    assert [one["number"] for one in listed] == ["SHOP-21-1", "SHOP-22"]
    lose(listed[0]["pk"])
    return json.loads(json.dumps(listed))


def lose(order_id):
    with connection.cursor() as cursor:
        for table in ("sc_packages_packageitem", "sc_packages_packagehistory"):
            cursor.execute(
                f"DELETE FROM {table} WHERE package_id IN (SELECT id FROM sc_packages_package WHERE order_id = %s)",
                [order_id],
            )
        cursor.execute("DELETE FROM sc_packages_package WHERE order_id = %s", [order_id])
        cursor.execute("DELETE FROM sc_orders_orderitem WHERE order_id = %s", [order_id])
        cursor.execute("DELETE FROM sc_orders_order WHERE id = %s", [order_id])


def give(*orders, code="AMBAR-01"):
    answer = market.oms(code).post(BACK, {"orders": list(orders)})
    assert answer.status_code == 200, answer.content
    return [(one["id"], one["outcome"], one["reason"]) for one in answer.json()["results"]]


def test_an_order_offered_by_an_earlier_version_comes_back_under_the_seal_it_was_given_then(offered):
    record = copy.deepcopy(offered[0])
    record["handover"].pop("seal")
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    record["handover"]["seal"] = salted_hmac(
        "ambar.seller_center.orders.sealing", text, algorithm="sha256"
    ).hexdigest()
    assert record["handover"]["seal"] != offered[0]["handover"]["seal"]
    assert give({**record, "amount": "1.00"})[0][1] == "refused"
    assert give(record) == [(record["pk"], "restored", "")]


def test_a_lost_order_is_the_same_again_under_its_old_ids(offered):
    lost, kept = offered
    assert give(lost, kept, lost) == [
        (lost["pk"], "restored", ""), (kept["pk"], "present", ""), (lost["pk"], "restored", ""),
    ]  # fmt: skip
    assert market.oms().get(f"{market.OMS}/orders/{lost['pk']}/").json() == lost
    assert Package.objects.get(order_id=lost["pk"]).origin == "default"
    assert AuditEntry.objects.filter(action="take_back_orders").count() == 1
    assert give(lost) == [(lost["pk"], "present", "")]
    market.take(market.shop_order(23))
    assert Order.objects.latest("pk").pk > max(lost["pk"], kept["pk"])


def test_the_next_version_of_the_hub_goes_on_from_what_was_put_back(offered):
    give(offered[0])
    newer = market.shop_order(
        21, minutes=5, notes="new",
        items=[(210, "A", "AMBAR-01"), (211, "B", "AMBAR-01"), (212, "C", "MODA-02")],
    )  # fmt: skip
    market.take(newer, type_="order.updated")
    again = market.oms().get(f"{market.OMS}/orders/{offered[0]['pk']}/").json()
    assert (again["notes"], again["number"]) == ("new", "SHOP-21-1")
    assert [item["pk"] for item in again["orderitem_set"]] == [
        item["pk"] for item in offered[0]["orderitem_set"]
    ]


def test_what_was_not_offered_exactly_so_is_refused(offered):
    before = Order.objects.count(), OrderItem.objects.count()
    for change in (
        {"amount": "1.00"},
        {"pk": offered[0]["pk"] + 100, "id": offered[0]["pk"] + 100},
        {"handover": {**offered[0]["handover"], "upstream_id": 999}},
        {"handover": {**offered[0]["handover"], "seal": "0" * 64}},
        {"handover": None},
    ):
        ((_, outcome, reason),) = give({**copy.deepcopy(offered[0]), **change})
        assert (outcome, reason) == ("refused", "It does not carry the seal it was offered under."), change
    assert [one[1] for one in give("order", None, 7)] == ["refused"] * 3
    assert (Order.objects.count(), OrderItem.objects.count()) == before


def test_another_seller_can_not_take_it(offered):
    assert give(offered[0], code="MODA-02") == [
        (offered[0]["pk"], "refused", "It was not offered to this seller.")
    ]
    assert Order.objects.filter(pk=offered[0]["pk"]).count() == 0


def test_an_order_whose_place_is_taken_is_refused(offered):
    market.take(market.shop_order(21, minutes=1, items=[(210, "A", "AMBAR-01"), (212, "C", "MODA-02")]))
    assert Order.objects.filter(upstream_id=21, seller=market.seller()).count() == 1
    assert give(offered[0])[0][1:] == ("refused", "Its ids have been given to another order since.")


def test_a_body_that_is_no_list_of_orders_is_a_400(offered):
    for body in ({}, {"orders": {}}, {"orders": [{}] * 101}, []):
        answer = market.oms().post(BACK, body)
        assert (answer.status_code, list(answer.json())) == (400, ["orders"])

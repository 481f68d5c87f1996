"""Packages that an OMS splits and merges, as the Seller Center shows them; messages: `split.json`, `merge.json`."""

import pytest

from ambar.kit import work
from ambar.seller_center.orders.models import Order, OrderItem
from ambar.seller_center.packages.models import Package
from tests.contract.seller_center.test_golden_messages import take_golden_order
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order():
    return take_golden_order()


def of_order(message, order):
    """The message about this order: on each side ids are its own."""
    items = dict(OrderItem.objects.filter(order=order).values_list("sku", "pk"))
    message["payload"]["order_omnitron_id"] = order.pk
    for item in message["payload"]["packageitem_set"]:
        item["order_item"]["omnitron_id"] = items[item["order_item"]["product"]["sku"]]
    return message


def send(messages, order):
    oms = market.oms()
    for message in messages:
        payload, created = message["payload"], message["event"]["type"] == "package.created"
        address = f"{market.OMS}/packages/" if created else f"{market.OMS}/packages/update-status/"
        headers = {
            "X-Ambar-Sequence": str(payload["sequence"]),
            "X-Ambar-Aggregate": f"package:{payload['id']}",
        }
        assert oms.post(address, of_order(message, order), headers).status_code in (200, 201)
        work.run_loop("sc_packages")


def first():
    return market.golden("oms-to-seller-center/package.created.json")


def split():
    return market.golden("oms-to-seller-center/split.json")["messages"]


def merge():
    return market.golden("oms-to-seller-center/merge.json")["messages"]


def shown(order):
    """{last two of the number: (state, {sku: units})} of the OMS's packages, as the owner's API lists them."""
    rows = market.owner().get("/api/v1/packages/?limit=50").json()["results"]
    return {
        row["number"][-2:]: (row["state_code"], {i["sku"]: float(i["quantity"]) for i in row["items"]})
        for row in rows
        if row["origin"] == "oms"
    }


BOTH = {"AMB-TSH-001-M": 1.0, "AMB-MUG-004": 1.0}
SHIRT, MUG = {"AMB-TSH-001-M": 1.0}, {"AMB-MUG-004": 1.0}


def test_a_split_package_is_shown_as_two_and_the_old_one_as_cancelled(order):
    send([first(), *split()], order)
    assert shown(order) == {"P1": (900, BOTH), "P2": (100, SHIRT), "P3": (100, MUG)}
    statuses = set(OrderItem.objects.filter(order=order).values_list("status", flat=True))
    assert 100 not in statuses and Order.objects.get(pk=order.pk).status != 100
    assert not Package.objects.filter(origin="default", retired_at__isnull=True, order=order).exists()


def test_merged_packages_are_shown_as_one_and_the_old_ones_as_cancelled(order):
    send([first(), *split(), *merge()], order)
    assert shown(order) == {"P1": (900, BOTH), "P2": (900, SHIRT), "P3": (900, MUG), "P4": (100, BOTH)}


def test_an_old_number_leads_to_what_became_of_it(order):
    send([first(), *split(), *merge()], order)
    caller = market.owner()
    numbers = {row["number"][-2:]: row for row in caller.get("/api/v1/packages/?limit=50").json()["results"]}
    old = numbers["P1"]["number"]
    found = caller.get(f"/api/v1/packages/?family={old}&sort=id").json()["results"]
    assert [row["number"][-2:] for row in found] == ["P1", "P2", "P3", "P4"]
    halves = caller.get(f"/api/v1/packages/?family={numbers['P2']['number']}&sort=id").json()["results"]
    assert [row["number"][-2:] for row in halves] == ["P2", "P4"]
    one = caller.get(f"/api/v1/packages/{numbers['P2']['id']}/").json()
    assert [row["number"][-2:] for row in one["parents"]] == ["P1"]
    assert [row["number"][-2:] for row in one["children"]] == ["P4"]
    assert caller.get("/api/v1/packages/?family=none").json()["results"] == []


def test_it_does_not_matter_which_of_the_packages_is_told_of_first(order):
    send([first(), *reversed(split())], order)
    assert shown(order) == {"P1": (900, BOTH), "P2": (100, SHIRT), "P3": (100, MUG)}


def test_each_half_goes_its_own_way_to_its_own_status(order):
    send([first(), *split()], order)
    packed = market.golden("oms-to-seller-center/package.status.packed.json")
    packed["event"]["uuid"] = "6f1c1c1d2b7a7c3e9a50c86d0f1f2c01"
    packed["payload"].update(id=2, number="2594887831811953P2", sequence=3, lineage=[1])
    packed["payload"]["packageitem_set"] = packed["payload"]["packageitem_set"][:1]
    send([packed], order)
    assert shown(order) == {"P1": (900, BOTH), "P2": (500, SHIRT), "P3": (100, MUG)}

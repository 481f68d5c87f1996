"""The golden messages under `contracts/`, from the Seller Center's side."""

import pytest

from ambar.kit import work
from ambar.seller_center.orders.models import Order, OrderItem
from ambar.seller_center.packages.models import Package
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)


def shape(value):
    """Keys and kinds of a message, values aside; numbers written as strings stay told from texts."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    if isinstance(value, str):
        parts = value.split(".")
        if len(parts) == 2 and all(part.isdigit() for part in parts):
            return f"decimal with {len(parts[1])} places"
        return "moment" if value.endswith("Z") and "T" in value and len(value) == 27 else "text"
    return "nothing" if value is None else type(value).__name__


def take_golden_order():
    market.seller("AMBAR-01")
    market.seller("MODA-02")
    message = market.golden("omnitron-to-seller-center/order.created.json")
    assert market.hub().post("/api/v1/omnitron/orders/", message).status_code == 201
    work.run_loop("sc_orders")
    return Order.objects.get(seller=market.seller("AMBAR-01"))


def test_the_hubs_order_becomes_the_listed_order_of_the_contract():
    order = take_golden_order()
    oms, want = market.oms(), market.golden("seller-center-to-oms/order.json")
    detail = oms.get(f"{market.OMS}/orders/{order.pk}/").json()
    assert shape(detail) == shape(want)
    for key in (
        "channel",
        "status",
        "amount",
        "shipping_amount",
        "currency",
        "supplier_code",
        "date_placed",
        "customer",
    ):
        assert detail[key] == want[key], key
    assert [i["product"] for i in detail["orderitem_set"]] == [i["product"] for i in want["orderitem_set"]]
    assert detail["shipping_address"]["line"] == want["shipping_address"]["line"]
    assert detail["number"] == f"{want['number']}-1"


def test_a_page_of_orders_has_the_shape_of_the_contract():
    take_golden_order()
    page = (
        market.oms().get(f"{market.OMS}/orders/?supplier_code=AMBAR-01&sort=modified_date&limit=500").json()
    )
    assert shape(page) == shape(market.golden("seller-center-to-oms/orders.page.json"))


def test_a_cancellation_plan_has_the_shape_of_the_contract():
    take_golden_order()
    want = market.golden("seller-center-to-oms/cancellation_plan.json")
    plan = {**want, "order": {"id": 21}}
    plan["cancellationplanorderitem_set"] = [{**want["cancellationplanorderitem_set"][0], "order_item": 32}]
    market.hub().post(
        "/api/v1/omnitron/cancellation-plans/", market.envelope(plan, "cancellation_plan.created")
    )
    work.run_loop("sc_cancellation_plans")
    (listed,) = market.oms().get(f"{market.OMS}/cancellation_plans/").json()["results"]
    assert shape({k: v for k, v in listed.items() if k != "reason"}) == shape(want)
    assert (
        listed["cancellationplanorderitem_set"][0]["order_item"] == OrderItem.objects.get(upstream_id=32).pk
    )


def test_package_messages_are_taken_and_answered_as_in_the_contract():
    oms = market.oms()
    created = market.golden("oms-to-seller-center/package.created.json")
    packed = market.golden("oms-to-seller-center/package.status.packed.json")
    answer = oms.post(
        f"{market.OMS}/packages/", created, {"X-Ambar-Sequence": "1", "X-Ambar-Aggregate": "package:1"}
    )
    assert (answer.status_code, answer.json()) == (
        201,
        market.golden("oms-to-seller-center/package.answer.json"),
    )
    work.run_loop("sc_packages")
    answer = oms.post(f"{market.OMS}/packages/update-status/", packed, {"X-Ambar-Sequence": "4"})
    assert (answer.status_code, answer.json()) == (200, {"number": "2594887831811953P1", "status": 2})
    work.run_loop("sc_packages")
    row = Package.objects.get()
    assert (row.state_code, row.sequence, row.packageitem_set.count()) == (500, 4, 2)


def test_bulk_update_takes_and_answers_as_in_the_contract():
    order = take_golden_order()
    ids = list(OrderItem.objects.filter(order=order).order_by("id").values_list("pk", flat=True))
    body = market.golden("oms-to-seller-center/order_item_bulk_update.json")
    for row, pk in zip(body["orderitem_set"], ids, strict=True):
        row["id"] = pk
    answer = market.oms().patch(f"{market.OMS}/order_items/bulk_status_update/", body)
    want = market.golden("oms-to-seller-center/order_item_bulk_update.answer.json")
    assert answer.status_code == 200
    assert shape(answer.json()) == shape(want)
    assert [r["status"] for r in answer.json()["orderitem_set"]] == [
        r["status"] for r in want["orderitem_set"]
    ]

    asked = market.oms()(
        "PATCH", f"{market.OMS}/order_items/bulk_status_update/", body, {"X-Ambar-Versions": "1"}
    )
    assert shape(asked.json()) == shape(
        market.golden("oms-to-seller-center/order_item_bulk_update.versions.json")
    )


def test_an_invoice_that_comes_after_its_status_is_taken_by_the_same_update():
    order = take_golden_order()
    body = market.golden("oms-to-seller-center/order_item_bulk_update.json")
    ids = list(OrderItem.objects.filter(order=order).order_by("id").values_list("pk", flat=True))
    for row, pk in zip(body["orderitem_set"], ids, strict=True):
        row["id"] = pk
    assert market.oms().patch(f"{market.OMS}/order_items/bulk_status_update/", body).status_code == 200
    for row in body["orderitem_set"]:
        row.update(invoice_number="AMB2026000000007", e_archive_url="https://erp.example/7")
    assert market.oms().patch(f"{market.OMS}/order_items/bulk_status_update/", body).status_code == 200
    told = OrderItem.objects.filter(order=order).values_list("status", "invoice_number", "e_archive_url")
    assert set(told) == {(500, "AMB2026000000007", "https://erp.example/7")}

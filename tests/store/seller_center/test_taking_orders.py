"""Shop orders cut per seller, from the hub's hooks to stored rows."""

import hashlib
import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from ambar.kit import work
from ambar.seller_center.offers.models import Offer
from ambar.seller_center.orders.actions.change_items import change_items
from ambar.seller_center.orders.domain import cutting
from ambar.seller_center.orders.domain.item_changes import ItemChange
from ambar.seller_center.orders.models import CancellationPlan, Order, OrderHold, OrderItem, PlanHold
from ambar.seller_center.packages.models import Package, PackageItem
from ambar.seller_center.places.models import District
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = [(1, "A", "AMBAR-01"), (2, "B", "MODA-02"), (3, "C", "AMBAR-01")]


def test_an_order_of_one_seller_keeps_number_and_amount_and_gets_a_default_package():
    market.take(market.shop_order(21, items=[(1, "A", "AMBAR-01"), (2, "B", "AMBAR-01")]))
    order = Order.objects.get()
    assert (order.number, order.upstream_number, order.part, order.status) == ("SHOP-21", "SHOP-21", 1, 400)
    assert (order.amount, order.customer_name) == (Decimal("1108.90"), "Ayşe Yılmaz")
    package = Package.objects.get()
    assert (package.origin, package.status, package.order_id) == ("default", 1, order.pk)
    assert order.delivery_setting.is_default
    assert list(PackageItem.objects.order_by("id").values_list("sku", flat=True)) == ["A", "B"]
    assert set(OrderItem.objects.values_list("packaging", flat=True)) == {"waiting_packaging"}


def test_an_order_of_two_sellers_is_cut_with_the_shipping_amount_on_part_one():
    market.take(market.shop_order(21, items=BOTH))
    found = Order.objects.order_by("part").values_list("seller__supplier_code", "number", "amount")
    assert list(found) == [
        ("AMBAR-01", "SHOP-21-1", Decimal("1537.90")),
        ("MODA-02", "SHOP-21-2", Decimal("749.00")),
    ]
    documents = [o.document["shipping_amount"] for o in Order.objects.order_by("part")]
    assert documents == ["39.90", "0.00"]


def test_an_order_taken_by_an_earlier_version_is_no_new_version_when_it_comes_again(monkeypatch):
    def made_before(order, part):
        items = [[i.upstream_id, str(i.price), str(i.quantity), i.document] for i in part.items]
        content = [part.number, str(part.amount), order.document, items]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]

    with monkeypatch.context() as then:
        then.setattr(cutting, "digest", made_before)
        market.take(market.shop_order(21, notes="ring \u0131 twice"))
    before = Order.objects.values_list("digest", "modified_at").get()
    market.take(market.shop_order(21, notes="ring \u0131 twice", minutes=1), type_="order.updated")
    assert Order.objects.values_list("digest", "modified_at").get() == before
    market.take(market.shop_order(21, notes="ring once", minutes=2), type_="order.updated")
    assert Order.objects.get().modified_at > before[1]


def test_places_get_our_own_ids_and_are_learned_from_the_order():
    market.take(market.shop_order(21))
    district = District.objects.select_related("township__city__country").get()
    address = Order.objects.get().document["shipping_address"]
    assert address["district"]["id"] == district.pk
    assert address["district"]["township"] == address["township"]["id"] == district.township_id
    assert address["township"]["city"] == address["city"]["id"] == district.city_id
    assert address["city"]["country"]["id"] == address["country"]["id"] == district.city.country_id
    assert (district.upstream_id, district.name) == (34001, "Caferağa Mah")
    assert str(district.township.latitude) == "40.990700"


def test_without_a_supplier_the_lowest_active_offer_supplies():
    market.take(market.shop_order(20, items=[(9, "A", "AMBAR-01")]))  # makes product A known
    dear, cheap = market.seller("AMBAR-01"), market.seller("MODA-02")
    owner = market.owner()
    for seller, price in ((dear, "12.00"), (cheap, "11.00")):
        offer = {"sku": "A", "stock": 1, "retail_price": price, "sale_price": price}
        assert owner.post("/api/v1/offers/", {"seller": seller.pk, "offers": [offer]}).json() == {"saved": 1}
    market.take(market.shop_order(21, items=[(1, "A", None)]))
    assert Order.objects.get(upstream_id=21).seller == cheap
    Offer.objects.filter(seller=cheap).update(is_active=False)
    market.take(market.shop_order(22, items=[(2, "A", None)]))
    assert Order.objects.get(upstream_id=22).seller == dear


def test_items_without_a_seller_are_held_visibly_and_taken_up_once_an_offer_exists():
    """Trap 15: an unknown supplier is a visible hold, taken up later."""
    market.take(market.shop_order(21, items=[(1, "A", "AMBAR-01"), (2, "B", None), (3, "C", "WHO-99")]))
    owner = market.owner()
    (hold,) = owner.get("/api/v1/orders/holds/").json()["results"]
    assert hold["items"] == [
        {"id": 2, "sku": "B", "reason": "no seller"},
        {"id": 3, "sku": "C", "reason": "unknown supplier WHO-99"},
    ]
    assert list(Order.objects.values_list("number", "part")) == [("SHOP-21-1", 1)]
    offer = {"sku": "B", "stock": 1, "retail_price": "1.00", "sale_price": "1.00"}
    owner.post("/api/v1/offers/", {"seller": market.seller("MODA-02").pk, "offers": [offer]})
    market.seller("WHO-99")
    answer = owner.post("/api/v1/orders/holds/retry/", {})
    assert answer.json() == {"created": 2, "updated": 0, "held": 0}
    assert list(Order.objects.order_by("part").values_list("number", flat=True)) == [
        "SHOP-21-1",
        "SHOP-21-2",
        "SHOP-21-3",
    ]
    assert not OrderHold.objects.exists()
    assert OrderItem.objects.count() == 3


def test_an_older_version_changes_nothing_and_a_newer_one_moves_modified_at_on():
    market.take(market.shop_order(21, minutes=5))
    before = Order.objects.get()
    market.take(market.shop_order(21, minutes=1, notes="old"), type_="order.updated")
    assert Order.objects.get().modified_at == before.modified_at
    market.take(market.shop_order(21, minutes=6, notes="new"), type_="order.updated")
    after = Order.objects.get()
    assert after.document["notes"] == "new"
    assert after.modified_at > before.modified_at
    assert (after.pk, Order.objects.count(), Package.objects.count()) == (before.pk, 1, 1)


def stamped(minutes, moment, status="550"):
    order = market.shop_order(21, minutes=minutes, status=status)
    order["orderitem_set"][0].update(status=status, delivered_date=moment)
    return order


def test_the_hub_s_stamp_of_a_delivery_told_here_is_kept_and_makes_no_version():
    market.take(market.shop_order(21))
    item = OrderItem.objects.get()
    change_items([ItemChange(item_id=item.pk, status=550)], seller_id=None, now=market.NOW)
    before = Order.objects.get()
    market.take(stamped(2, "2026-01-15T12:00:00Z"), type_="order.updated")
    market.take(stamped(3, "2026-01-15T12:00:00Z"), type_="order.updated")
    after = Order.objects.get()
    assert (after.status, after.modified_at) == (550, before.modified_at)
    assert after.upstream_modified_at == before.upstream_modified_at + timedelta(minutes=3)
    assert OrderItem.objects.get().document == {
        **item.document, "delivered_date": "2026-01-15T12:00:00Z"
    }  # fmt: skip


@pytest.mark.parametrize("moment", ["2026-01-16T12:00:00Z", None])
def test_another_time_of_delivery_is_a_new_version(moment):
    market.take(stamped(0, "2026-01-15T12:00:00Z"))
    before = Order.objects.get()
    market.take(stamped(1, moment), type_="order.updated")
    assert Order.objects.get().modified_at > before.modified_at
    assert OrderItem.objects.get().document["delivered_date"] == moment


def test_a_time_of_delivery_of_what_is_not_known_as_delivered_is_a_new_version():
    market.take(market.shop_order(21))
    before = Order.objects.get()
    market.take(stamped(1, "2026-01-15T12:00:00Z", status="400"), type_="order.updated")
    assert Order.objects.get().modified_at > before.modified_at


def test_an_echo_that_changes_nothing_for_the_seller_does_not_move_modified_at():
    market.take(market.shop_order(21))
    before = Order.objects.get()
    market.take(market.shop_order(21, minutes=3), type_="order.updated")
    after = Order.objects.get()
    assert after.modified_at == before.modified_at
    assert after.upstream_modified_at == before.upstream_modified_at + timedelta(minutes=3)


def test_a_status_reported_by_the_oms_is_not_turned_back_by_the_hub():
    market.take(market.shop_order(21))
    item = OrderItem.objects.get()
    market.oms().patch(
        f"{market.OMS}/order_items/bulk_status_update/", {"orderitem_set": [{"id": item.pk, "status": "500"}]}
    )
    market.take(market.shop_order(21, minutes=3, notes="x"), type_="order.updated")
    assert (OrderItem.objects.get().status, Order.objects.get().status) == (500, 500)


def test_an_order_sent_three_times_is_one_order():
    market.seller()
    hub, message = market.hub(), market.envelope(market.shop_order(21), "order.created", uuid4())
    assert [hub.post("/api/v1/omnitron/orders/", message).status_code for _ in range(3)] == [201, 200, 200]
    other = market.envelope(market.shop_order(21), "order.updated")
    assert hub.post("/api/v1/omnitron/orders/", other).status_code == 201
    work.run_loop("sc_orders")
    assert (Order.objects.count(), OrderItem.objects.count(), Package.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda o: o.pop("number"), "payload.number"),
        (lambda o: o.update(id="x", pk="x"), "payload.id"),
        (lambda o: o.update(status="999"), "payload.status"),
        (lambda o: o.update(modified_date="yesterday"), "payload.modified_date"),
        (lambda o: o.update(orderitem_set=[]), "payload.orderitem_set"),
        (lambda o: o["orderitem_set"][0].update(price="a lot"), "payload.orderitem_set.0.price"),
        (lambda o: o["orderitem_set"][0]["product"].pop("sku"), "payload.orderitem_set.0.product.sku"),
        (lambda o: o.update(shipping_address=[1]), "payload.shipping_address"),
    ],
)
def test_a_malformed_order_is_400_naming_the_field(change, field):
    order = market.shop_order(21)
    change(order)
    answer = market.hub().post("/api/v1/omnitron/orders/", market.envelope(order, "order.created"))
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_set_of_orders_costs_a_fixed_number_of_statements(django_assert_max_num_queries):
    from ambar.seller_center.orders.actions.take_orders import take_orders
    from ambar.seller_center.orders.domain import incoming

    market.seller("AMBAR-01")
    orders = [market.shop_order(n, items=[(n, f"SKU-{n % 7}", "AMBAR-01")]) for n in range(1, 101)]
    pairs = [(incoming.order(order), order) for order in orders]
    with django_assert_max_num_queries(34):
        taken = take_orders(pairs, now=market.NOW)
    assert taken.created == 100
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT modified_at), count(*) FROM sc_orders_order")
        assert cursor.fetchone() == (100, 100)


def test_a_cancellation_plan_waits_for_its_order_and_names_our_items():
    plan = {
        "id": 5,
        "plan_type": "cancel",
        "status": "waiting",
        "order": {"id": 21},
        "cancellationplanorderitem_set": [{"id": 8, "order_item": 2, "quantity": "1.00"}],
        "modified_date": "2026-01-15T12:00:00Z",
    }
    hub = market.hub()
    answer = hub.post(
        "/api/v1/omnitron/cancellation-plans/", market.envelope(plan, "cancellation_plan.created")
    )
    assert answer.status_code == 201
    work.run_loop("sc_cancellation_plans")
    assert (CancellationPlan.objects.count(), PlanHold.objects.count()) == (0, 1)
    market.take(market.shop_order(21, items=BOTH))
    found = CancellationPlan.objects.get()
    item = OrderItem.objects.get(upstream_id=2)
    assert (found.seller.supplier_code, found.order_id, PlanHold.objects.count()) == (
        "MODA-02",
        item.order_id,
        0,
    )
    assert found.rows == [{"id": 8, "order_item": item.pk, "quantity": "1.00"}]


def test_the_head_of_a_bundle_is_named_by_our_own_id():
    from ambar.seller_center.orders import queries

    shop = market.shop_order(21, items=BOTH)
    for part in (1, 2):
        shop["orderitem_set"][part]["parent"] = shop["orderitem_set"][0]["pk"]
    market.take(shop)
    ours = {item.sku: item.pk for item in OrderItem.objects.all()}
    told = {
        item["product"]["sku"]: item["parent"]
        for order in queries.orders_json(list(queries.orders().order_by("part")))
        for item in order["orderitem_set"]
    }
    assert told == {"A": None, "B": None, "C": ours["A"]}

"""The two receivers of an OMS's package hooks."""

import hashlib
import hmac
import itertools
from uuid import uuid4

import pytest

from ambar.kit import work
from ambar.seller_center.orders.models import Order, OrderItem
from ambar.seller_center.packages.domain import events
from ambar.seller_center.packages.models import Package, PackageHistory, PackageItem
from ambar.seller_center.sellers.actions.change_seller import ChangeSeller, change_seller
from tests.worlds import seller_center_market as market

pytestmark = pytest.mark.django_db(transaction=True)

CREATED = f"{market.OMS}/packages/"
STATUS = f"{market.OMS}/packages/update-status/"


def send(caller, payload, type_, uuid=None, headers=None):
    path = CREATED if type_ == "package.created" else STATUS
    return caller.post(path, market.envelope(payload, type_, uuid), headers)


def the_package(number="SHOP-21P1"):
    return Package.objects.get(number=number)


def test_package_created_answers_201_once_and_retires_the_default_package():
    market.take(market.shop_order(21, items=[(210, "A", "AMBAR-01"), (211, "B", "AMBAR-01")]))
    order, items = Order.objects.get(), list(OrderItem.objects.order_by("id"))
    default = Package.objects.get(origin="default")
    assert (default.status, default.order_id, default.retired_at) == (1, order.pk, None)
    oms, uuid = market.oms(), uuid4()
    payload = market.package(order_id=order.pk, items=[(items[0].pk, "A"), (items[1].pk, "B")])

    first = send(oms, payload, "package.created", uuid)
    assert (first.status_code, first.json()) == (201, {"number": "SHOP-21P1", "status": 1})
    work.run_loop("sc_packages")
    again = send(oms, payload, "package.created", uuid)
    assert (again.status_code, again.json()) == (200, {"number": "SHOP-21P1", "status": 1})
    assert work.run_loop("sc_packages") == 0

    row = the_package()
    assert (row.order_id, row.origin, row.state_code, row.sequence) == (order.pk, "oms", 100, 1)
    assert row.location_name == "Kadıköy Mağaza"
    assert list(
        PackageItem.objects.filter(package=row).order_by("id").values_list("order_item_id", "sku")
    ) == [
        (items[0].pk, "A"),
        (items[1].pk, "B"),
    ]
    assert Package.objects.get(pk=default.pk).retired_at is not None
    assert set(OrderItem.objects.values_list("packaging", flat=True)) == {"packaged"}
    assert PackageHistory.objects.count() == 1


def test_what_the_receiver_read_of_an_event_is_not_read_again_by_who_applies_it(monkeypatch):
    read, times = events.package_event, []
    monkeypatch.setattr(events, "package_event", lambda *a, **b: times.append(a[0]) or read(*a, **b))
    oms = market.oms()
    for type_ in ("package.created", "package.status.packed"):
        assert send(oms, market.package(), type_).status_code == 201
    assert work.run_loop("sc_packages") == 2
    assert times == ["package.created", "package.status.packed"]
    assert PackageHistory.objects.count() == 2


def test_items_that_are_the_same_stay_and_others_take_their_place():
    market.take(market.shop_order(21, items=[(210, "A", "AMBAR-01"), (211, "B", "AMBAR-01")]))
    order, items = Order.objects.get(), list(OrderItem.objects.order_by("id"))
    oms, both = market.oms(), [(items[0].pk, "A"), (items[1].pk, "B")]
    kept = []
    for sequence, (state, lines) in enumerate([(100, both), (200, both), (500, both[1:]), (600, both)], 1):
        payload = market.package(order_id=order.pk, items=lines, state=state, sequence=sequence)
        send(oms, payload, "package.created" if sequence == 1 else "package.status.changed")
        work.run_loop("sc_packages")
        rows = PackageItem.objects.filter(package=the_package()).order_by("id")
        told = [(item, sku, state) for item, sku in lines]
        assert list(rows.values_list("order_item_id", "sku", "state_code")) == told
        kept.append(list(rows.values_list("pk", flat=True)))
    assert kept[0] == kept[1]
    assert not {*kept[1]} & {*kept[2]} and not {*kept[2]} & {*kept[3]}


def test_every_event_three_times_in_any_order_ends_in_the_same_state():
    """Trap 10: each package event three times, in every order, over HTTP."""
    life = [
        (1, 100, "package.created"),
        (2, 200, "package.status.preparing"),
        (3, 500, "package.status.packed"),
    ]
    oms = market.oms()
    for n, order in enumerate(itertools.permutations(life)):
        uuids = {sequence: uuid4() for sequence, _, _ in life}
        for sequence, state, type_ in (*order, *order, *reversed(order)):
            payload = market.package(f"N{n}", state=state, sequence=sequence)
            assert send(oms, payload, type_, uuids[sequence]).status_code in (200, 201)
            if (n + sequence) % 2:
                work.run_loop("sc_packages")
        work.run_loop("sc_packages")
        row = the_package(f"N{n}")
        assert (row.state_code, row.status, row.sequence) == (500, 2, 3)
        assert PackageHistory.objects.filter(package=row).count() == 3
    figures = oms.get(f"{market.OMS}/handover/").json()
    assert figures["packages"]["by_state"] == {"500": 6}
    assert sum(e["repeats"] for e in figures["events"].values()) == 6 * 6
    assert sum(e["received"] for e in figures["events"].values()) == 18
    assert sum(e["applied"] + e["late"] for e in figures["events"].values()) == 18


@pytest.mark.parametrize("counted", [True, False])
def test_shipped_after_delivered_is_logged_as_late_and_changes_nothing(counted):
    """Trap 11: shipped comes after delivered."""
    oms = market.oms()
    delivered = market.package(state=700, sequence=7 if counted else None)
    shipped = market.package(state=600, sequence=6 if counted else None, tracking_number="TR-2")
    assert send(oms, delivered, "package.status.delivered").json()["status"] == 4
    work.run_loop("sc_packages")
    answer = send(oms, shipped, "package.status.shipped")
    assert (answer.status_code, answer.json()) == (200, {"number": "SHOP-21P1", "status": 4})
    work.run_loop("sc_packages")
    row = the_package()
    assert (row.state_code, row.status, row.tracking_numbers) == (700, 4, ["TR-2"])
    assert list(PackageHistory.objects.order_by("id").values_list("event_type", "outcome")) == [
        ("package.status.delivered", "applied"),
        ("package.status.shipped", "late"),
    ]


def test_status_of_an_unknown_package_makes_it():
    answer = send(market.oms(), market.package("NEW-1", state=600, sequence=9), "package.status.shipped")
    assert (answer.status_code, answer.json()) == (201, {"number": "NEW-1", "status": 3})
    work.run_loop("sc_packages")
    row = the_package("NEW-1")
    assert (row.order_id, row.order_number, row.status) == (None, "2594887831811953", 3)


def test_package_before_its_order_finds_it_and_leaves_no_open_default():
    send(market.oms(), market.package(order_number="SHOP-21"), "package.created")
    work.run_loop("sc_packages")
    market.take(market.shop_order(21))
    order = Order.objects.get()
    assert the_package().order_id == order.pk
    assert Package.objects.get(origin="default").retired_at is not None


def test_a_second_tracking_number_is_added():
    oms = market.oms()
    for sequence, number in ((1, "TR-1"), (2, "TR-2"), (3, "TR-1")):
        send(
            oms,
            market.package(state=600, sequence=sequence, tracking_number=number),
            "package.status.shipped",
        )
        work.run_loop("sc_packages")
    assert the_package().tracking_numbers == ["TR-1", "TR-2"]


def test_same_number_at_two_sellers_are_two_packages():
    send(market.oms("AMBAR-01"), market.package("P1", state=500), "package.status.packed")
    send(
        market.oms("MODA-02"),
        market.package("P1", state=600, supplier_code="MODA-02"),
        "package.status.shipped",
    )
    work.run_loop("sc_packages")
    found = Package.objects.order_by("seller_id").values_list("seller__supplier_code", "state_code")
    assert list(found) == [("AMBAR-01", 500), ("MODA-02", 600)]


def test_signature_is_checked_when_present_and_enough_without_a_token():
    oms = market.oms()
    change_seller(ChangeSeller(seller_id=market.seller().pk, hook_secret="s3cret"), now=market.NOW)
    import json

    body = json.dumps(market.envelope(market.package(), "package.created")).encode()
    good = "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    bad = "sha256=" + hmac.new(b"other", body, hashlib.sha256).hexdigest()
    nobody = market.Caller(None)
    assert oms.post(CREATED, body, {"X-Whisperer-Signature": bad}).status_code == 401
    assert nobody.post(CREATED, body, {"X-Whisperer-Signature": bad}).status_code == 401
    assert nobody.post(CREATED, body).status_code == 401
    assert market.Caller("nonsense").post(CREATED, body).status_code == 401
    assert nobody.post(CREATED, body, {"X-Whisperer-Signature": good}).status_code == 201
    assert oms.post(CREATED, body, {"X-Whisperer-Signature": good}).status_code == 200
    assert market.owner().post(CREATED, body).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m["payload"].pop("number"), "payload.number"),
        (lambda m: m["payload"]["state"].update(enum_value="packed!"), "payload.state.enum_value"),
        (lambda m: m["payload"].update(sequence=-1), "payload.sequence"),
        (lambda m: m["payload"].update(packageitem_set={}), "payload.packageitem_set"),
        (lambda m: m["payload"].update(amount="much"), "payload.amount"),
        (lambda m: m["payload"].update(supplier_code="MODA-02"), "payload.supplier_code"),
        (lambda m: m["event"].update(type="order.created"), "event"),
        (lambda m: m["event"].update(uuid="x"), "event"),
        (lambda m: m.pop("payload"), "payload"),
    ],
)
def test_malformed_event_is_refused_naming_the_field(change, field):
    message = market.envelope(market.package(), "package.created")
    change(message)
    answer = market.oms().post(CREATED, message)
    assert answer.status_code == 400
    assert field in answer.json()


def test_broken_json_is_400_and_a_test_ping_changes_nothing():
    oms = market.oms()
    assert oms.post(CREATED, b'{"event": ').status_code == 400
    answer = send(oms, market.package(test=True), "package.created")
    assert answer.status_code == 200
    assert work.run_loop("sc_packages") == 0
    assert not Package.objects.exists()


def test_a_custom_state_is_kept_as_other_with_its_name():
    payload = market.package(state=555, sequence=4)
    payload["state"]["name"] = "Gift wrapping"
    assert send(market.oms(), payload, "package.status.transitioned").json()["status"] == 99
    work.run_loop("sc_packages")
    row = the_package()
    assert (row.state_code, row.status, row.state_name) == (555, 99, "Gift wrapping")


def test_own_package_actions_are_refused_while_an_oms_owns_them():
    market.take(market.shop_order(21))
    market.oms()
    pk = Package.objects.get().pk
    someone = market.user("moda", ["seller"], {"seller_id": market.seller().pk})
    answer = someone.post(f"/api/v1/packages/{pk}/actions/ship/")
    assert (answer.status_code, answer.json()["code"]) == (406, "package_owned_by_oms")

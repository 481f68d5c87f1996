"""Intake against PostgreSQL: verdicts, quarantine by cause, filters, versions, races."""

import copy
import json
import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from ambar.oms.catalogue.models import Channel, Product
from ambar.oms.handover import store
from ambar.oms.orders import cancelling_store
from ambar.oms.orders.models import CancellationPlan, Order, OrderItem
from ambar.oms.upstream import known
from ambar.oms.upstream.actions.learn_alias import learn_alias
from ambar.oms.upstream.actions.redrive import redrive
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.actions.take_plans import take_plans
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.domain.filters import compiled
from ambar.oms.upstream.models import NotTaken, Quarantined
from tests.worlds import oms_upstream as world
from tests.worlds.waiting import LONG_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("places")]

APPROVED = {"name": "approved only", "condition": {"field": "status", "op": "in", "value": ["400", "450"]}}
PLAN = json.loads((world.CONTRACTS / "seller-center-to-oms/cancellation_plan.json").read_text())
LATER = world.NOW + timedelta(seconds=5)
SELLER = Configured(supplier_code="AMBAR-01", filters=compiled([APPROVED]))


def take(*records, configured=SELLER, **more):
    return take_orders(list(records), source=world.SOURCE, configured=configured, now=world.NOW, **more)


def outcomes(verdicts):
    return [verdict.outcome for verdict in verdicts]


def test_the_golden_order_arrives_whole():
    [verdict] = take(world.GOLDEN)
    assert (verdict.outcome, verdict.upstream_id, verdict.number) == ("created", 7001, "2594887831811953")
    row = Order.objects.get()
    assert (row.pk, row.source, row.upstream_id, row.state) == (verdict.order_id, "seller_center", 7001, 400)
    assert (row.currency, str(row.amount), str(row.shipping_amount)) == ("try", "988.90", "39.90")
    assert (row.customer["first_name"], row.shipping_address["township"]) == ("Ayşe", "Kadıköy")
    assert (row.shipping_address["country_code"], row.cargo_company) == ("tr", "yurtici")
    assert (str(row.latitude), str(row.longitude)) == ("40.990700", "29.027900")
    assert (row.planning_state, row.payment_type, row.shipping_option_slug) == (
        "new",
        "credit_card",
        "standart",
    )
    assert Channel.objects.get().name == "Seller Center"
    items = OrderItem.objects.order_by("upstream_id").values_list("upstream_id", "sku", "quantity", "state")
    assert [(pk, sku, int(units), state) for pk, sku, units, state in items] == [
        (9001, "AMB-TSH-001-M", 1, 400),
        (9002, "AMB-MUG-004", 1, 400),
    ]
    assert str(Product.objects.get(sku="AMB-MUG-004").weight) in ("0.420", "0.42")


def test_the_same_order_again_changes_nothing():
    take(world.order(1))
    before = Order.objects.values().get()
    assert outcomes(take(world.order(1))) == ["unchanged"]
    assert Order.objects.values().get() == before


def test_a_newer_version_changes_an_older_one_does_not():
    take(world.order(1, at=world.T0, notes="first"))
    assert outcomes(take(world.order(1, at=world.NOW, notes="second"))) == ["updated"]
    assert outcomes(take(world.order(1, at=world.T0, notes="first"))) == ["unchanged"]
    assert Order.objects.get().notes == "second"


def told(status, *, at=world.NOW, tracking="TR-1", **changed):
    """Order 1 as upstream has it after this OMS told the status of its items."""
    record = world.order(1, at=at, status=str(status), handover={"seal": str(status)}, **changed)
    for item in record["orderitem_set"]:
        item.update(status=str(status), tracking_number=tracking, shipping_company="yurtici")
    return record


def come_to(state):
    OrderItem.objects.update(state=state)
    Order.objects.update(state=state, planning_state="planned")


def test_the_echo_of_what_was_told_is_followed_and_changes_nothing(django_assert_num_queries):
    take(world.order(1, at=world.T0))
    come_to(500)
    before = Order.objects.values().get()
    with django_assert_num_queries(
        6
    ):  # a transaction; looked up, followed, numbers of items, quarantine closed
        assert outcomes(take(told(500))) == ["unchanged"]
    after = Order.objects.values().get()
    assert after.pop("upstream_modified_at") == world.NOW
    assert after.pop("echo")["order"]["status"] == "500"
    before.pop("echo"), before.pop("upstream_modified_at")
    assert after == before
    assert store.offered(world.SOURCE, [1]) == {1: told(500)}
    assert set(OrderItem.objects.values_list("state", "tracking_number")) == {(500, "TR-1")}
    assert outcomes(take(told(450, at=world.T0, tracking=None))) == ["unchanged"]
    assert store.offered(world.SOURCE, [1]) == {1: told(500)}


def test_the_version_that_is_held_already_says_nothing_whatever_it_says(django_assert_num_queries):
    take(world.order(1, at=world.T0))
    come_to(500)
    Order.objects.update(upstream_modified_at=world.NOW)  # as the answer to what was told has it
    before = Order.objects.values().get()
    with django_assert_num_queries(4):  # a transaction; looked up, quarantine closed
        assert outcomes(take(told(500))) == ["unchanged"]
    assert Order.objects.values().get() == before


def test_an_echo_ends_with_the_version_it_was_of():
    take(world.order(1, at=world.T0))
    come_to(500)
    take(told(450))
    # A version as a whole after it, as after a restored backup with an earlier time of its own.
    Order.objects.update(upstream_modified_at=world.T0 - timedelta(days=1))
    whole = world.order(1, at=world.T0, notes="Ring twice.")
    assert outcomes(take(whole)) == ["updated"]
    assert store.offered(world.SOURCE, [1]) == {1: whole}


@pytest.mark.parametrize(
    ("state", "record"),
    [
        (450, told(500)),  # further than here
        (500, told(100)),  # withdrawn
        (50, told(450)),  # a withdrawal refused
        (500, told(500, notes="Ring twice.")),
        (500, told(500, shipping_address={**world.GOLDEN["shipping_address"], "line": "Elsewhere 1"})),
        (500, {**told(500), "orderitem_set": told(500)["orderitem_set"][:1]}),
    ],
)
def test_what_is_new_beside_a_told_status_is_taken_as_a_whole(state, record):
    take(world.order(1, at=world.T0))
    come_to(state)
    assert outcomes(take(record)) == ["updated"]


def test_an_order_on_hold_is_planned_anew_even_after_an_echo():
    take(world.order(1, at=world.T0))
    come_to(500)
    Order.objects.update(planning_state="hold", hold_reason="asked")
    assert outcomes(take(told(500))) == ["updated"]
    assert Order.objects.get().planning_state == "new"


def test_echoes_and_new_orders_of_one_page_are_answered_in_their_order():
    take(world.order(1, at=world.T0))
    come_to(500)
    page = [world.order(2), told(450, at=world.NOW), {"pk": 3}, told(500, at=LATER)]
    found = take(*page)
    assert [v.position for v in found] == [0, 1, 2, 3]
    assert outcomes(found) == ["created", "unchanged", "quarantined", "unchanged"]
    assert Order.objects.get(upstream_id=1).upstream_modified_at == LATER


def test_the_same_order_32_times_at_once_is_one_row():
    """Trap 22: the same order 32 times at once (D2)."""
    failures, barrier = [], threading.Barrier(32)

    def one():
        try:
            barrier.wait(timeout=LONG_SECONDS)
            found.extend(outcomes(take(world.order(1))))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    found = []
    threads = [threading.Thread(target=one) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LONG_SECONDS)
    assert failures == []
    assert sorted(found) == ["created"] + ["unchanged"] * 31
    assert (Order.objects.count(), OrderItem.objects.count(), Channel.objects.count()) == (1, 2, 1)


def test_two_first_orders_at_once_make_one_channel():
    barrier, found = threading.Barrier(2), []

    def one(pk):
        try:
            barrier.wait(timeout=LONG_SECONDS)
            found.extend(outcomes(take(world.order(pk))))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(pk,)) for pk in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LONG_SECONDS)
    assert found == ["created", "created"]
    assert list(Channel.objects.values_list("source", "upstream_id", "name")) == [
        ("seller_center", 1, "Seller Center")
    ]


def test_a_malformed_order_is_set_aside_alone():
    broken = world.order(2, amount="a lot")
    assert outcomes(take(world.order(1), broken, world.order(3))) == ["created", "quarantined", "created"]
    row = Quarantined.objects.get()
    assert (row.kind, row.cause, row.upstream_id, row.number) == ("malformed", "malformed:amount", 2, "SC-2")
    assert row.reason.startswith("amount: ")
    assert row.payload["amount"] == "a lot"


def lines(**changed):
    """The lines of the golden order, the second of them wrong."""
    first, second = world.GOLDEN["orderitem_set"]
    return [first, {**second, **changed}]


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"pk": None, "id": None}, "malformed:pk"),
        ({"modified_date": "yesterday"}, "malformed:modified_date"),
        ({"modified_date": "2026-01-15T09:30:00"}, "malformed:modified_date"),
        ({"orderitem_set": []}, "malformed:orderitem_set"),
        ({"status": "shiny"}, "malformed:status"),
        ({"channel": 6}, "malformed:channel"),
        ({"amount": "NaN"}, "malformed:amount"),
        ({"number": "with\x00nul"}, "malformed:number"),
        ({"shipping_address": None}, "malformed:shipping_address"),
        ({"orderitem_set": lines(quantity=-1)}, "malformed:orderitem_set.quantity"),
        ({"orderitem_set": lines(attributes={"quantity": "x"})}, "malformed:orderitem_set.quantity"),
        ({"orderitem_set": lines(product=None)}, "malformed:orderitem_set.product"),
        ({"orderitem_set": lines(parent="x")}, "malformed:orderitem_set.parent"),
        ({"cargo_company": 5}, "malformed:cargo_company"),
    ],
)
def test_what_is_wrong_is_named(changed, cause):
    record = world.order(1)
    record.update(changed)
    assert outcomes(take(record)) == ["quarantined"]
    row = Quarantined.objects.get()
    assert row.cause == cause
    assert not re.search(r"Wire|Decimal|constrained|None|object", row.reason)
    assert Order.objects.count() == 0


def test_something_that_is_no_order_at_all_is_kept_too():
    assert outcomes(take("hello", 7, None)) == ["quarantined"] * 3
    assert Quarantined.objects.count() == 3


def test_an_order_the_database_refuses_does_not_stop_the_others():
    poison = world.order(2)
    poison["extra_field"] = {"text": "nul \x00 inside"}
    assert outcomes(take(world.order(1), poison, world.order(3))) == ["created", "quarantined", "created"]
    assert Quarantined.objects.get().reason.startswith("refused by the database: ")
    assert Order.objects.count() == 2


def test_merged_items_carry_their_quantity():
    merged = world.order(1)
    merged["orderitem_set"][0]["attributes"] = {"quantity": "3"}
    take(merged)
    assert sorted(int(units) for units in OrderItem.objects.values_list("quantity", flat=True)) == [1, 3]
    merged = world.order(2)
    merged["orderitem_set"][0]["attributes"] = {"quantity": "-3"}
    assert outcomes(take(merged)) == ["quarantined"]


def test_places_are_found_by_name_when_the_id_is_unknown():
    assert outcomes(take(world.moved(world.order(1), "township", "BEŞİKTAŞ", 999))) == ["quarantined"]
    plain = world.moved(world.order(2), "township", "besiktas", 999)
    plain["shipping_address"]["district"] = None
    assert outcomes(take(plain)) == ["created"]
    assert str(Order.objects.get().latitude) == "41.042800"
    turkish = world.moved(world.order(3), "township", "ığdır çeşmesi", 998)
    turkish["shipping_address"]["district"] = None
    assert outcomes(take(turkish)) == ["created"]


def test_one_alias_releases_every_order_with_that_cause_in_order():
    """Trap 15: an unknown place sets the order aside with its cause until the name is taught."""
    waiting = [world.moved(world.order(pk), "township", "Kadikoy Merkez", 9340) for pk in (5, 3, 4)]
    other = world.moved(world.order(9), "township", "Atlantis", 9341)
    assert outcomes(take(*waiting, other)) == ["quarantined"] * 4
    [cause] = set(Quarantined.objects.exclude(upstream_id=9).values_list("cause", flat=True))
    parent = int(cause.split(":")[2])
    target = connection_value("SELECT id FROM oms_places_township WHERE upstream_id = 340")
    _, released = learn_alias("township", parent, "Kadıköy Merkez", target, configured=SELLER, now=world.NOW)
    assert [(verdict.outcome, verdict.upstream_id) for verdict in released] == [
        ("created", 3),
        ("created", 4),
        ("created", 5),
    ]
    assert list(Quarantined.objects.filter(closed_at=None).values_list("upstream_id", flat=True)) == [9]


def connection_value(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_redriving_can_be_previewed_without_effect():
    take(world.moved(world.order(1), "city", "Ankara", 6))
    row = Quarantined.objects.get()
    world.places.copy_places("city", world.SOURCE, [{"pk": 6, "name": "Ankara", "country": 1}])
    world.places.copy_places("township", world.SOURCE, [{"pk": 350, "name": "Kadıköy", "city": 6}])
    world.places.copy_places(
        "district", world.SOURCE, [{"pk": 350001, "name": "Caferağa Mah", "township": 350}]
    )
    foreseen = redrive(ids=[row.pk], configured=SELLER, now=world.NOW, preview=True)
    assert outcomes(foreseen) == ["created"]
    assert (Order.objects.count(), Channel.objects.count()) == (0, 0)
    assert Quarantined.objects.get().closed_at is None
    assert outcomes(redrive(ids=[row.pk], configured=SELLER, now=world.NOW)) == ["created"]
    row.refresh_from_db()
    assert (row.closed_at, row.outcome) == (world.NOW, "taken")


def test_a_newer_version_that_is_well_closes_the_quarantine():
    take(world.order(1, at=world.T0, amount="a lot"))
    assert outcomes(take(world.order(1, at=world.NOW))) == ["created"]
    assert Quarantined.objects.get().outcome == "taken"


def test_the_rule_that_refused_is_kept():
    verdicts = take(world.order(1, status="200"), world.order(2))
    assert [(verdict.outcome, verdict.rule) for verdict in verdicts] == [
        ("filtered", "approved only"),
        ("created", None),
    ]
    assert list(NotTaken.objects.values_list("upstream_id", "rule")) == [(1, "approved only")]


def test_a_refused_order_is_taken_once_the_rule_holds():
    take(world.order(1, at=world.T0, status="200"))
    assert outcomes(take(world.order(1, at=world.NOW, status="400"))) == ["created"]
    assert NotTaken.objects.count() == 0


def test_an_order_taken_before_is_followed_whatever_the_rules_say():
    take(world.order(1, at=world.T0))
    assert outcomes(take(world.order(1, at=world.NOW, status="100"))) == ["updated"]
    assert Order.objects.get().state == 100


def test_an_order_of_another_supplier_is_refused_visibly():
    """Trap 15: an order of another supplier is refused with the rule, never in silence."""
    [verdict] = take(world.order(1, supplier_code="MODA-02"))
    assert (verdict.outcome, verdict.rule) == ("filtered", "supplier_code")
    assert NotTaken.objects.get().rule == "supplier_code"


def test_an_order_of_another_number_is_never_written_over_the_one_that_is_here():
    """A hub's own hook leads here: its ids are those of another system."""
    take(world.order(1, at=world.T0))
    before = Order.objects.values().get()
    stray = world.order(1, number="HUB-9")
    for record in (stray, {**stray, "modified_date": world.iso(world.T0 - timedelta(days=1))}):
        [verdict] = take(record, beyond=LATER)
        assert (verdict.outcome, verdict.cause) == ("quarantined", "another_order:number")
    assert Order.objects.values().get() == before
    row = Quarantined.objects.get()
    assert (row.kind, row.number, row.upstream_id, row.times) == ("another_order", "HUB-9", 1, 2)
    assert row.reason == 'number: order 1 is "SC-1" here, and comes as "HUB-9"'
    assert row.detail == {"number_here": "SC-1", "number_given": "HUB-9"}
    # The order that is here goes on, and its versions do not close what waits for a person.
    assert outcomes(take(world.order(1, at=LATER))) == ["updated"]
    assert Quarantined.objects.get().closed_at is None


def test_of_two_numbers_under_one_id_in_one_request_none_is_lost():
    assert outcomes(take(world.order(1), world.order(2), world.order(1, number="HUB-9", at=LATER))) == [
        "created",
        "created",
        "quarantined",
    ]


def test_an_order_of_another_number_is_told_even_where_its_place_is_unknown_or_its_goods_are_under_way():
    take(world.order(1, at=world.T0))
    come_to(500)
    lost = world.moved(world.order(1, number="HUB-9"), "district", "Nowhere", 999)
    assert take(lost)[0].cause == "another_order:number"
    assert take(told(500, at=world.T0, number="HUB-9"))[0].cause == "another_order:number"


def test_only_a_person_gives_an_order_another_number():
    take(world.order(1, at=world.T0))
    take(world.order(1, number="NEW-1"))
    [row] = Quarantined.objects.all()
    again = {"ids": [row.pk], "configured": SELLER, "now": world.NOW}
    assert outcomes(redrive(**again, preview=True)) == outcomes(redrive(**again)) == ["quarantined"]
    assert outcomes(redrive(**again, renames=True, preview=True)) == ["updated"]
    assert Order.objects.get().number == "SC-1"
    assert outcomes(redrive(**again, renames=True)) == ["updated"]
    assert Order.objects.get().number == "NEW-1"
    assert Quarantined.objects.get().outcome == "taken"


def test_an_order_that_names_a_line_of_another_is_set_aside_whole_until_it_names_its_own():
    """Lines are never lost in silence: not the one that belongs elsewhere, and not those beside it."""
    take(world.order(1))
    before = list(OrderItem.objects.order_by("id").values())
    stray = world.order(2)
    stray["orderitem_set"][0].update(id=10, pk=10)
    found = take(world.order(3), stray, world.order(4))
    assert outcomes(found) == ["created", "quarantined", "created"]
    assert found[1].cause == "another_order:orderitem_set"
    assert not Order.objects.filter(upstream_id=2).exists()
    assert list(OrderItem.objects.filter(order__upstream_id=1).order_by("id").values()) == before
    row = Quarantined.objects.get()
    assert row.reason == 'orderitem_set: line 10 belongs to order "SC-1" here'
    again = {"ids": [row.pk], "configured": SELLER, "now": world.NOW}
    assert outcomes(redrive(**again, preview=True)) == outcomes(redrive(**again)) == ["quarantined"]
    assert outcomes(take(world.order(2, at=LATER))) == ["created"]
    row.refresh_from_db()
    assert row.outcome == "taken"


def test_of_two_new_orders_that_name_one_line_the_first_has_it_and_the_other_waits():
    second = world.order(2)
    second["orderitem_set"][1].update(id=11, pk=11)
    assert outcomes(take(world.order(1), second, world.order(3))) == ["created", "quarantined", "created"]
    assert OrderItem.objects.get(upstream_id=11).order.upstream_id == 1


def test_a_newer_version_that_names_a_line_of_another_changes_nothing_and_waits():
    take(world.order(1), world.order(2))
    newer = world.order(2, at=LATER, notes="changed")
    newer["orderitem_set"].append({**newer["orderitem_set"][0], "id": 10, "pk": 10})
    assert outcomes(take(newer)) == ["quarantined"]
    assert Order.objects.get(upstream_id=2).notes != "changed"


def plan(pk, order, *, at=world.T0, number="", **changed):
    made = copy.deepcopy(PLAN) | {"id": pk, "pk": pk, "modified_date": world.iso(at), **changed}
    made["order"].update(id=order, pk=order, number=number or f"SC-{order}")
    return made


def plans(*records):
    return take_plans(records, source=world.SOURCE, now=world.NOW)


def test_a_plan_of_another_systems_order_is_set_aside_and_cancels_nothing_here():
    """A hub's own hook leads here: its ids are those of another system."""
    take(world.order(1))
    found = plans(plan(5, 1, number="HUB-9"), plan(6, 1))
    assert [verdict.cause for verdict in found] == ["another_order:order.number", None]
    assert list(CancellationPlan.objects.values_list("upstream_id", flat=True)) == [6]
    row = Quarantined.objects.get()
    assert (row.kind, row.number, row.upstream_id) == ("another_order", "HUB-9", 1)
    assert row.reason == 'order.number: order 1 is "SC-1" here, and the plan is of "HUB-9"'
    again = {"ids": [row.pk], "configured": SELLER, "now": world.NOW}
    assert outcomes(redrive(**again)) == ["quarantined"]
    Order.objects.update(number="HUB-9")
    assert outcomes(redrive(**again)) == ["updated"]
    assert CancellationPlan.objects.get(upstream_id=5).order.upstream_id == 1
    assert Quarantined.objects.get().outcome == "taken"


@pytest.mark.parametrize("at_once", [True, False])
def test_a_plan_that_comes_for_another_order_than_before_is_set_aside(at_once):
    take(world.order(1), world.order(2))
    records = [plan(5, 1), plan(5, 2, at=LATER)]
    found = plans(*records) if at_once else [plans(record)[0] for record in records]
    assert [verdict.cause for verdict in found] == [None, "another_order:order"]
    assert CancellationPlan.objects.get().order.upstream_id == 1
    assert "plan 5 is about order 1 here" in Quarantined.objects.get().reason


def test_a_malformed_plan_is_let_go_by_its_next_version_and_by_no_older_one():
    take(world.order(1))
    broken = plan(5, 1, at=LATER, plan_type=7)
    assert [verdict.outcome for verdict in plans(broken, plan(6, 1))] == ["quarantined", "updated"]
    assert plans(broken)[0].outcome == "quarantined"
    row = Quarantined.objects.get()
    assert (row.kind, row.times, row.upstream_modified_at) == ("malformed_plan", 2, LATER)
    plans(plan(5, 1))
    row.refresh_from_db()
    assert row.outcome == ""
    plans(plan(5, 1, at=LATER + timedelta(seconds=1)))
    row.refresh_from_db()
    assert row.outcome == "taken"
    assert CancellationPlan.objects.get(upstream_id=5).upstream_modified_at == LATER + timedelta(seconds=1)


def test_a_malformed_plan_of_another_systems_order_has_a_place_of_its_own():
    take(world.order(1))
    plans(plan(5, 1, plan_type=7), plan(5, 1, number="HUB-9", plan_type=7))
    assert Quarantined.objects.count() == 2
    plans(plan(5, 1, at=LATER))
    lying = {row.payload["order"]["number"]: row.outcome for row in Quarantined.objects.all()}
    assert lying == {"SC-1": "taken", "HUB-9": ""}


@pytest.mark.parametrize(
    "broken", [{"id": "x", "pk": "x"}, {"order": "x"}, {"order": {"id": 1, "number": 5}}, {"pk": 2**63}]
)
def test_a_plan_of_which_not_even_id_and_order_can_be_read_lies_under_itself(broken):
    record = {**plan(5, 1), "plan_type": 7, **broken}
    assert [plans(record)[0].outcome for _ in range(2)] == ["quarantined"] * 2
    plans(plan(5, 1, at=LATER))
    row = Quarantined.objects.get()
    assert (row.times, row.outcome) == (2, "")


def test_a_plan_that_came_before_its_order_finds_only_the_one_of_its_number():
    plans(plan(5, 1, number="HUB-9"), plan(6, 1))
    take(world.order(1))
    cancelling_store.due_orders(10, now=world.NOW)
    linked = dict(CancellationPlan.objects.values_list("upstream_id", "order__number"))
    assert linked == {5: None, 6: "SC-1"}


def test_what_is_sent_here_without_a_supplier_is_nobodys_and_taken_only_by_a_person():
    take(world.order(2, at=world.T0))
    of_pushes = replace(SELLER, supplier_named=True)
    nameless = world.order(1, supplier_code=None)
    both = world.order(2, supplier_code="", number="HUB-9")
    found = take(world.order(3), nameless, both, configured=of_pushes)
    assert [verdict.cause for verdict in found] == [
        None,
        "another_order:supplier_code",
        "another_order:number",
    ]
    assert Order.objects.filter(upstream_id=1).count() == 0
    row = Quarantined.objects.get(upstream_id=1)
    assert '"AMBAR-01"' in row.reason and row.payload["number"] == "SC-1"
    assert outcomes(redrive(ids=[row.pk], configured=SELLER, now=world.NOW)) == ["created"]
    row.refresh_from_db()
    assert row.outcome == "taken"


def test_remembered_ids_that_are_gone_are_asked_for_again():
    take(world.order(1))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE oms_catalogue_product, oms_catalogue_channel RESTART IDENTITY CASCADE")
        cursor.execute("SELECT setval('oms_catalogue_product_id_seq', 1000)")
    assert known._products
    assert outcomes(take(world.order(2))) == ["created"]
    assert Product.objects.order_by("id").first().pk > 1000


def test_a_batch_costs_few_statements(django_assert_max_num_queries):
    take(*[world.order(pk) for pk in range(1, 4)])
    with django_assert_max_num_queries(8):
        take(*[world.order(pk) for pk in range(10, 210)])
    assert Order.objects.count() == 203

"""Item statuses told upstream: coalesced, in order, retried; refused rows set aside alone. Trap 19."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from ambar.kit import accounts
from ambar.kit.outbox.models import Event
from ambar.kit.work import registry
from ambar.kit.work.worker import database_settings
from ambar.oms.commands.actions.run_command import run_command
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.orders.models import Order, OrderItem
from ambar.oms.packages.models import Package
from ambar.oms.states.queries import state_json
from ambar.oms.upstream import own_versions, status_store
from ambar.oms.upstream.actions.sync_statuses import note_changes, send_due
from ambar.oms.upstream.domain.statuses import DEFAULT_MAP
from ambar.oms.upstream.jobs import TELL_SECONDS
from ambar.oms.upstream.models import StatusSync
from tests.worlds import oms_records as records
from tests.worlds import oms_upstream as world
from tests.worlds.oms_integration import put_hook
from tests.worlds.pauses import rounds
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
BULK = "/api/v1/applications/oms/order_items/bulk_status_update/"
LATER = world.NOW + timedelta(hours=1)


@pytest.fixture
def client(upstream):
    made = Client(
        schemas.to_settings(world.client_settings(upstream.base)), sleep=lambda seconds: None, attempts=2
    )
    yield made
    made.close()


@pytest.fixture
def house():
    return records.build()


def in_state(house, state, **more):
    """A package in `state` whose change is still to be told; returns its upstream item ids."""
    made = records.package(house, state=100, **more)
    Package.objects.filter(pk=made.id).update(state=state, sync_pending_at=world.NOW)
    return made.id


def tell(client, at=world.NOW):
    note_changes(DEFAULT_MAP, now=at)
    return send_due(client, now=lambda: at)


def accepting(query, body):
    return 200, {
        "orderitem_set": [{"id": row["id"], "status": row["status"]} for row in body["orderitem_set"]]
    }


def rows():
    return list(
        StatusSync.objects.order_by("upstream_item_id").values_list(
            "upstream_item_id", "wanted", "sent", "state"
        )
    )


def test_one_request_tells_the_items_of_many_orders(upstream, client, house):
    upstream.routes["PATCH", BULK] = accepting
    in_state(house, 500)
    in_state(house, 600)
    assert tell(client) == 4
    [(_, body)] = upstream.asked(BULK)
    assert [(row["id"], row["status"]) for row in body["orderitem_set"]] == [
        (70011, "450"),
        (70012, "450"),
        (70021, "500"),
        (70022, "500"),
    ]
    golden = json.loads((world.CONTRACTS / "oms-to-seller-center/order_item_bulk_update.json").read_text())
    assert body["orderitem_set"][0].keys() == golden["orderitem_set"][0].keys()
    assert [state for *_, state in rows()] == ["sent"] * 4
    assert Package.objects.filter(sync_pending_at__isnull=False).count() == 0
    assert tell(client) == 0


def test_states_that_are_not_mapped_tell_nothing(upstream, client, house):
    in_state(house, 920)
    in_state(house, 900)
    assert tell(client) == 0
    assert (upstream.requests, rows()) == ([], [])


def test_only_the_newest_status_is_told_after_an_outage(upstream, client, house):
    upstream.routes["PATCH", BULK] = lambda query, body: (503, {"detail": "down"})
    package = in_state(house, 500, lines=[("SKU-A", 1)])
    tell(client)
    [row] = StatusSync.objects.all()
    assert (row.state, row.sent, row.due_at > world.NOW) == ("pending", None, True)
    for state in (600, 700):
        Package.objects.filter(pk=package).update(state=state, sync_pending_at=world.NOW)
        note_changes(DEFAULT_MAP, now=world.NOW)
    upstream.requests.clear()
    upstream.routes["PATCH", BULK] = accepting
    assert tell(client, at=LATER) == 1
    assert [body["orderitem_set"][0]["status"] for _, body in upstream.asked(BULK)] == ["550"]
    assert rows() == [(70011, 550, 550, "sent")]


def test_after_statuses_were_told_what_changes_in_the_next_seconds_is_told_once(upstream, client, house):
    """Decision 69: the first change goes out at once; the loop then pauses, and only what stands at its end is told."""
    upstream.routes["PATCH", BULK] = accepting
    package = in_state(house, 500, lines=[("SKU-A", 1)])

    def goes_on():
        for state in (600, 700):
            Package.objects.filter(pk=package).update(state=state, sync_pending_at=world.NOW)
            note_changes(DEFAULT_MAP, now=world.NOW)

    loop = replace(registry.loops()["status_sync"], drain=lambda: tell(client))
    assert rounds(loop, goes_on) == [TELL_SECONDS, TELL_SECONDS] and TELL_SECONDS >= 1
    assert [body["orderitem_set"][0]["status"] for _, body in upstream.asked(BULK)] == ["450", "550"]
    assert rounds(loop) == [loop.idle_seconds]


def test_upstream_that_has_too_much_to_do_is_told_when_it_asked_to_be(upstream, client, house):
    upstream.routes["PATCH", BULK] = lambda query, body: (
        503,
        {"code": "overloaded"},
        {"Retry-After": "3000"},
    )
    in_state(house, 500, lines=[("SKU-A", 1)])
    tell(client)
    [row] = StatusSync.objects.all()
    assert (row.state, row.due_at >= world.NOW + timedelta(seconds=3000)) == ("pending", True)


def test_a_status_never_goes_back(upstream, client, house):
    upstream.routes["PATCH", BULK] = accepting
    package = in_state(house, 600, lines=[("SKU-A", 1)])
    tell(client)
    Package.objects.filter(pk=package).update(state=500, sync_pending_at=world.NOW)
    assert tell(client) == 0
    assert rows() == [(70011, 500, 500, "sent")]


def test_only_the_rows_not_applied_are_sent_again(upstream, client, house):
    def half(query, body):
        return 200, {
            "orderitem_set": [{"id": row["id"], "status": row["status"]} for row in body["orderitem_set"][:1]]
        }

    upstream.routes["PATCH", BULK] = half
    in_state(house, 600)
    tell(client)
    assert rows() == [(70011, 500, 500, "sent"), (70012, 500, None, "pending")]
    upstream.requests.clear()
    upstream.routes["PATCH", BULK] = accepting
    assert tell(client, at=LATER) == 1
    assert [[row["id"] for row in body["orderitem_set"]] for _, body in upstream.asked(BULK)] == [[70012]]
    assert rows() == [(70011, 500, 500, "sent"), (70012, 500, 500, "sent")]


def test_an_item_upstream_does_not_know_is_set_aside_alone(upstream, client, house):
    def strict(query, body):
        if any(row["id"] == 70021 for row in body["orderitem_set"]):
            return 400, {"orderitem_set": ["Unknown order item: 70021"]}
        return accepting(query, body)

    upstream.routes["PATCH", BULK] = strict
    for _ in range(4):
        in_state(house, 600)
    assert tell(client) == 8
    assert [(item, state) for item, _, _, state in rows() if state != "sent"] == [(70021, "set_aside")]
    row = StatusSync.objects.get(upstream_item_id=70021)
    assert "Unknown order item: 70021" in row.reason
    assert status_store.again([row.pk], now=LATER) == 1
    upstream.routes["PATCH", BULK] = accepting
    assert tell(client, at=LATER) == 1
    assert StatusSync.objects.get(pk=row.pk).state == "sent"


def test_upstream_that_is_already_further_settles_the_report(upstream, client, house):
    def ahead(query, body):
        return 200, {"orderitem_set": [{"id": row["id"], "status": "550"} for row in body["orderitem_set"]]}

    upstream.routes["PATCH", BULK] = ahead
    in_state(house, 600, lines=[("SKU-A", 1)])
    tell(client)
    row = StatusSync.objects.get()
    assert (row.state, row.reason) == ("sent", "upstream is already at 550")


def test_a_change_while_a_report_is_on_its_way_stays_due(upstream, client, house):
    package = in_state(house, 500, lines=[("SKU-A", 1)])

    def slow(query, body):
        Package.objects.filter(pk=package).update(state=600, sync_pending_at=world.NOW)
        note_changes(DEFAULT_MAP, now=world.NOW)
        connection.close()
        return accepting(query, body)

    note_changes(DEFAULT_MAP, now=world.NOW)
    upstream.routes["PATCH", BULK] = slow
    send_due(client, now=lambda: world.NOW)
    assert rows() == [(70011, 500, 450, "pending")]
    upstream.routes["PATCH", BULK] = accepting
    assert tell(client) == 1
    assert rows() == [(70011, 500, 500, "sent")]


def test_a_sender_that_was_killed_holds_nobody_up(upstream, client, house):
    """Trap 23: what a killed sender had in hand is told at once by the next one, not after a lease."""
    in_state(house, 500, lines=[("SKU-A", 1)])
    note_changes(DEFAULT_MAP, now=world.NOW)
    held, go_on = threading.Event(), threading.Event()

    def hang(query, body):
        held.set()
        go_on.wait(timeout=LONG_SECONDS)
        return accepting(query, body)

    upstream.routes["PATCH", BULK] = hang
    killed = threading.Thread(
        target=world.until_cut_off, args=(lambda: send_due(client, now=lambda: world.NOW),)
    )
    killed.start()
    assert held.wait(timeout=LONG_SECONDS)
    assert send_due(client, now=lambda: world.NOW) == 0
    upstream.routes["PATCH", BULK] = accepting
    world.cut_off_holders_of_turns()
    assert send_due(client, now=lambda: world.NOW) == 1
    assert rows() == [(70011, 450, 450, "sent")]
    assert StatusSync.objects.get().attempts == 2
    go_on.set()
    killed.join(timeout=LONG_SECONDS)
    assert rows() == [(70011, 450, 450, "sent")]


def test_an_invoice_that_comes_later_is_told_at_once_with_the_status_that_is_known_already(
    upstream, client, house
):
    upstream.routes["PATCH", BULK] = accepting
    package_id = in_state(house, 500)
    tell(client)
    run_command(
        package_id,
        slug="update-invoice-packed",
        parameters={"invoice_number": "AMB2026000000007", "invoice_url": "https://erp.example/7"},
        now=world.NOW,
    )
    assert tell(client, at=world.NOW + timedelta(seconds=1)) == 2
    bodies = [body["orderitem_set"] for _, body in upstream.asked(BULK)]
    assert [[row["invoice_number"] for row in rows] for rows in bodies] == [
        [None, None],
        ["AMB2026000000007"] * 2,
    ]
    assert {(row["status"], row["e_archive_url"]) for row in bodies[1]} == {("450", "https://erp.example/7")}


VERSION = world.T0 + timedelta(hours=2)


def making(*, before=world.T0, after=VERSION, status="450"):
    """Accepts, and answers the version made of the one order."""

    def route(query, body):
        moments = {"previous_modified_date": world.iso(before), "modified_date": world.iso(after)}
        return 200, {**accepting(query, body)[1], "orders": [{"pk": ORDER, "status": status, **moments}]}

    return route


ORDER = 7001


def standing(house, **changed):
    """An order of two items whose package is packed, and the version it stands in."""
    in_state(house, 500)
    OrderItem.objects.update(state=450)
    Order.objects.update(**{"state": 450, "upstream_id": ORDER, "upstream_modified_at": world.T0, **changed})


def test_an_order_follows_to_the_version_that_telling_its_items_made(upstream, client, house):
    upstream.routes["PATCH", BULK] = making()
    standing(house)
    Package.objects.update(invoice_number="INV-1")
    assert tell(client) == 2
    assert upstream.headers[-1]["X-Ambar-Versions"] == "1"
    assert Order.objects.values_list("upstream_modified_at", "echo").get() == (VERSION, None)
    assert set(OrderItem.objects.values_list("invoice_number", flat=True)) == {"INV-1"}
    assert own_versions.take(world.SOURCE) == {(ORDER, world.iso(VERSION)): VERSION}
    assert own_versions.take(world.SOURCE) == {}
    assert [state for *_, state in rows()] == ["sent"] * 2


def test_what_upstream_is_told_before_the_floor_begins_stands_here_too_and_is_told_to_who_listens(
    upstream, client, house
):
    upstream.routes["PATCH", BULK] = making()
    standing(house, state=400)
    OrderItem.objects.update(state=400)
    put_hook(
        "order.updated",
        upstream.base,
        accounts.ensure_user("erp", "a-long-password", ["erp_service"]).pk,
    )
    assert tell(client) == 2
    assert Order.objects.values_list("state", "upstream_modified_at").get() == (450, VERSION)
    assert set(OrderItem.objects.values_list("state", flat=True)) == {450}
    [payload] = Event.objects.filter(type="order.updated").values_list("payload", flat=True)
    assert json.loads(payload)["state"] == state_json("OrderStatus", 450)


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ({"upstream_modified_at": world.T0 - timedelta(seconds=1)}, {}),  # somebody changed it in between
        ({}, {"before": VERSION}),  # a repeat, whose first answer was lost
        ({"planning_state": "hold"}, {}),
        ({"state": 425}, {}),
        ({}, {"status": "100"}),
        ({}, {"after": world.NOW + timedelta(days=2)}),  # a clock that runs ahead
        ({"source": "omnitron"}, {}),
    ],
)
def test_an_order_that_stands_elsewhere_is_read_as_ever(upstream, client, house, order, answer):
    upstream.routes["PATCH", BULK] = making(**answer)
    standing(house, **order)
    before = Order.objects.values().get()
    assert tell(client) == 2
    assert Order.objects.values().get() == before
    assert own_versions.take(world.SOURCE) == {}


def test_an_order_of_which_an_item_is_cancelled_is_read_as_ever(upstream, client, house):
    upstream.routes["PATCH", BULK] = making()
    standing(house)
    OrderItem.objects.filter(upstream_id=70011).update(state=100)
    assert tell(client) == 2
    assert Order.objects.get().upstream_modified_at == world.T0


@pytest.mark.parametrize("held", ["oms_orders_order", "oms_orders_orderitem"])
def test_an_order_somebody_is_at_work_on_is_not_waited_for_and_read_as_ever(upstream, client, house, held):
    """The floor locks items before their orders, the loop that pulls the other way round: who waits for both ends in a deadlock."""
    upstream.routes["PATCH", BULK] = making()
    standing(house)
    OrderItem.objects.filter(upstream_id=70011).update(state=400)
    before = Order.objects.values().get()
    with psycopg.connect(**database_settings()) as another, connection.cursor() as cursor:
        another.execute(f"SELECT FROM {held} ORDER BY id LIMIT 1 FOR UPDATE")
        cursor.execute("SET lock_timeout = '2s'")
        try:
            assert tell(client) == 2
        finally:
            cursor.execute("RESET lock_timeout")
    assert Order.objects.values().get() == before
    assert OrderItem.objects.get(upstream_id=70011).state == 400
    assert own_versions.take(world.SOURCE) == {}
    assert [state for *_, state in rows()] == ["sent"] * 2


@pytest.mark.parametrize(
    "answered", [None, [None], [{"pk": True}], [{"pk": ORDER, "status": "450", "modified_date": 5}]]
)
def test_an_answer_that_tells_no_versions_moves_nothing(upstream, client, house, answered):
    upstream.routes["PATCH", BULK] = lambda query, body: (
        200,
        {**accepting(query, body)[1], "orders": answered},
    )
    standing(house)
    assert tell(client) == 2
    assert Order.objects.get().upstream_modified_at == world.T0
    assert [state for *_, state in rows()] == ["sent"] * 2

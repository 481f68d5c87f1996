"""Pulling from a Seller Center over HTTP. Traps 13, 18, 19, 22."""

import threading
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import connection

from ambar.kit import clock
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed
from ambar.oms.orders.models import CancellationPlan, Order
from ambar.oms.upstream import jobs, own_versions
from ambar.oms.upstream.actions.pull import Puller
from ambar.oms.upstream.domain import versions
from ambar.oms.upstream.models import NotTaken, Quarantined, Watermark
from tests.worlds import oms_upstream as world
from tests.worlds.waiting import LONG_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("places")]
ORDERS = "/api/v1/applications/oms/orders/"
PLANS = "/api/v1/applications/oms/cancellation_plans/"
SETTINGS = {"supplier_code": "AMBAR-01"}


@pytest.fixture
def slept():
    return []


@pytest.fixture
def client(upstream, slept):
    world.configure("SELLER_CENTER_SETTINGS", SETTINGS)
    made = Client(schemas.to_settings(world.client_settings(upstream.base)), sleep=slept.append)
    yield made
    made.close()


def pull(client, puller=None, limit=500):
    puller = puller or Puller("orders", jobs._take_orders, limit=limit)
    return puller.pull(client, supplier_code="AMBAR-01", overlap_seconds=10)


def test_orders_are_pulled_with_the_token_of_their_endpoint(upstream, client):
    upstream.routes["GET", ORDERS] = world.listing([world.order(pk) for pk in range(1, 4)])
    assert pull(client) == 3
    method, path, query, _, token = upstream.requests[0]
    assert (method, path, token) == ("GET", ORDERS, "Token your_token_here")
    assert query["supplier_code"] == ["AMBAR-01"]
    assert query["sort"] == ["modified_date"]
    assert Order.objects.count() == 3
    mark = Watermark.objects.get()
    assert (mark.at, mark.upstream_id, mark.taken, mark.error) == (world.T0 + timedelta(seconds=3), 3, 3, "")


def test_pages_that_end_within_one_time_stamp_lose_nothing(upstream, client):
    """Trap 18: pages that end within one time stamp, into the database."""
    records = [world.order(pk, at=world.T0) for pk in range(1, 8)] + [world.order(8, at=world.NOW)]
    upstream.routes["GET", ORDERS] = world.listing(records)
    assert pull(client, limit=3) == 8
    assert sorted(Order.objects.values_list("upstream_id", flat=True)) == list(range(1, 9))


def test_a_row_from_the_future_does_not_move_the_mark_beyond_those_to_come(upstream, client):
    """A clock that was wrong for a moment, or a typing error: nothing newer would ever have been asked for."""
    far = clock.now() + timedelta(days=3650)
    records = [world.order(1, at=world.NOW), world.order(2, at=far)]
    upstream.routes["GET", ORDERS] = world.listing(records)
    puller = Puller("orders", jobs._take_orders)
    assert pull(client, puller) >= 1
    mark = Watermark.objects.get()
    assert (mark.at, mark.upstream_id) == (world.NOW, 1)
    assert Quarantined.objects.get().reason == "modified_date: lies more than a day ahead"
    records.insert(1, world.order(3, at=world.NOW + timedelta(seconds=2)))
    before = len(upstream.requests)
    assert pull(client, puller) == 1
    assert Order.objects.filter(upstream_id=3).exists()
    # It would be told at once that there is something newer, and ask again without a pause.
    assert [query for _, _, query, *_ in upstream.requests[before:] if "wait_after" in query] == []


def test_while_upstreams_clock_ran_ahead_and_was_set_back_true_versions_are_taken(upstream, client):
    """Their times are earlier than those stamped while it was wrong, and what is read is what upstream holds now."""
    ahead, true = clock.now() + timedelta(minutes=50), clock.now() - timedelta(minutes=1)
    misplaced = world.moved(world.order(3, at=ahead), "township", "BEŞİKTAŞ", 999)
    records = [world.order(1, at=ahead, notes="wrong clock"), misplaced]
    upstream.routes["GET", ORDERS] = lambda query, body: (200, {"next": None, "results": records})
    puller = Puller("orders", jobs._take_orders)
    pull(client, puller)
    assert Quarantined.objects.filter(closed_at=None).count() == 1
    records[:] = [world.order(1, at=true, notes="right clock"), world.order(3, at=true)]
    pull(client, puller)
    assert dict(Order.objects.values_list("upstream_id", "notes"))[1] == "right clock"
    assert Order.objects.get(upstream_id=3).upstream_modified_at == true
    assert not Quarantined.objects.filter(closed_at=None).exists()
    jobs._apply_order_events([pushed(world.order(1, at=true - timedelta(minutes=1), notes="an older one"))])
    assert Order.objects.get(upstream_id=1).notes == "right clock"


def test_what_was_set_aside_refused_or_planned_by_a_clock_that_ran_ahead_is_replaced_too(upstream, client):
    ahead, true = clock.now() + timedelta(minutes=50), clock.now() - timedelta(minutes=1)
    plan = world.json.loads((world.CONTRACTS / "seller-center-to-oms/cancellation_plan.json").read_text())
    for moment, notes, word in ((ahead, "wrong clock", "waiting"), (true, "right clock", "rejected")):
        orders = [
            world.moved(world.order(1, at=moment, notes=notes), "township", "BEŞİKTAŞ", 999),
            world.order(2, at=moment, supplier_code="MODA-02"),
        ]
        plans = [{**plan, "status": word, "modified_date": clock.iso(moment)}]
        for path, rows in ((ORDERS, orders), (PLANS, plans)):
            upstream.routes["GET", path] = partial(holding, rows)
        pull(client)
        Puller("cancellation_plans", jobs._take_plans).pull(
            client, supplier_code="AMBAR-01", overlap_seconds=10
        )
    [kept] = Quarantined.objects.filter(closed_at=None)
    assert (kept.upstream_modified_at, kept.payload["notes"]) == (true, "right clock")
    assert NotTaken.objects.get().upstream_modified_at == true
    assert CancellationPlan.objects.get().status == "rejected"


def test_what_is_pushed_may_be_old_and_never_replaces_a_later_version_of_any_clock(upstream, client):
    ahead = clock.now() + timedelta(minutes=50)
    records = [world.order(1, at=ahead, notes="held")]
    upstream.routes["GET", ORDERS] = world.listing(records)
    pull(client)
    jobs._apply_order_events([pushed(world.order(1, at=clock.now() - timedelta(minutes=1), notes="late"))])
    assert Order.objects.get().notes == "held"


def holding(rows, query, body):
    """What an upstream answers that holds these, whatever it was asked for."""
    return 200, {"next": None, "results": rows}


def pushed(record):
    return SimpleNamespace(source=world.SOURCE, payload=record)


def moved(client, upstream, *, base=None, supplier_code="AMBAR-01"):
    """A client that reads elsewhere, pulled once; `modified_date__gte` of its first request."""
    settings = schemas.to_settings(world.client_settings(base or upstream.base))
    elsewhere = Client(settings, sleep=lambda seconds: None)
    before = len(upstream.requests)
    puller = Puller("orders", jobs._take_orders)
    assert puller.pull(elsewhere, supplier_code=supplier_code, overlap_seconds=10) is not None
    elsewhere.close()
    return upstream.requests[before][2]["modified_date__gte"][0]


def test_what_is_read_elsewhere_is_read_from_its_beginning(upstream, client):
    """Its orders may all be older than the mark of where was read before: they would never be asked for."""
    upstream.routes["GET", ORDERS] = world.listing([world.order(1, at=world.NOW)])
    assert pull(client) == 1
    same = moved(client, upstream)
    assert same.startswith(f"{world.NOW - timedelta(seconds=10):%Y-%m-%dT%H:%M}")
    assert moved(client, upstream, supplier_code="MODA-02") == "2000-01-01T00:00:00.000000Z"
    assert Watermark.objects.get().read_from.endswith("/api/v1/applications/oms MODA-02")
    other = upstream.base.replace("127.0.0.1", "localhost")
    assert moved(client, upstream, base=other, supplier_code="MODA-02") == "2000-01-01T00:00:00.000000Z"


def test_a_mark_of_an_earlier_release_stands(upstream, client):
    upstream.routes["GET", ORDERS] = world.listing([world.order(1, at=world.NOW)])
    assert pull(client) == 1
    Watermark.objects.update(read_from="")
    assert moved(client, upstream) != "2000-01-01T00:00:00.000000Z"


def test_the_next_poll_begins_before_the_mark_and_takes_late_commits(upstream, client):
    """Trap 18: a row that upstream commits late is taken by the overlap."""
    records = [world.order(pk) for pk in range(1, 4)]
    upstream.routes["GET", ORDERS] = world.listing(records)
    seconds = iter([0.0, 0.0, 1.0, 5.0])
    puller = Puller("orders", jobs._take_orders, monotonic=lambda: next(seconds))
    assert pull(client, puller) == 3
    assert pull(client, puller) == 0
    records.append(world.order(9, at=world.T0 + timedelta(seconds=1)))
    assert pull(client, puller) == 0
    looked_back, read = (request[2] for request in upstream.requests[-2:])
    assert looked_back["modified_date__gte"] == [world.iso(world.T0 + timedelta(seconds=2))]
    assert looked_back["fields"] == ["pk,modified_date"]
    assert read["modified_date__gte"] == [world.iso(world.T0 + timedelta(seconds=2.95))]
    assert pull(client, puller) == 1
    assert upstream.requests[-1][2]["modified_date__gte"] == [world.iso(world.T0 - timedelta(seconds=7))]
    assert pull(client, Puller("orders", jobs._take_orders)) == 0
    assert Order.objects.count() == 4


def test_a_page_with_a_malformed_order_goes_on(upstream, client):
    upstream.routes["GET", ORDERS] = world.listing(
        [world.order(1), world.order(2, amount=None), world.order(3)]
    )
    assert pull(client) == 2
    assert Quarantined.objects.get().upstream_id == 2


@pytest.mark.parametrize("pk", [2**63, 2**64 - 1, 2**70, 0, -1])
def test_an_id_that_no_order_can_have_stops_nobody_behind_it(upstream, client, pk):
    """The last row of a page, so that the mark would be put on it."""
    records = [world.order(1), world.order(2) | {"id": pk, "pk": pk}]
    upstream.routes["GET", ORDERS] = world.listing(records)
    puller = Puller("orders", jobs._take_orders, limit=2)
    assert pull(client, puller) == 1
    row = Quarantined.objects.get()
    assert (row.upstream_id, row.cause, row.times) == (None, "malformed:pk", 1)
    records.append(world.order(3))
    assert pull(client, puller) == 1
    assert (Watermark.objects.get().at, Watermark.objects.get().error) == (
        world.T0 + timedelta(seconds=3),
        "",
    )


def test_after_an_outage_everything_arrives_once(upstream, client):
    """Trap 13: what piled up upstream arrives once, with several workers at once."""
    upstream.routes["GET", ORDERS] = lambda query, body: (503, {"detail": "down"})
    with pytest.raises(UpstreamFailed):
        pull(client)
    assert Watermark.objects.get().error.startswith("UpstreamFailed: orders: 503")
    upstream.routes["GET", ORDERS] = world.listing([world.order(pk) for pk in range(1, 31)])
    failures = []

    def one():
        try:
            pull(client, limit=7)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LONG_SECONDS)
    assert failures == []
    assert Order.objects.count() == 30


def test_only_one_worker_reads_a_stream_at_a_time(upstream, client):
    held, go_on = threading.Event(), threading.Event()
    listing = world.listing([world.order(1)])

    def slow(query, body):
        held.set()
        go_on.wait(timeout=LONG_SECONDS)
        return listing(query, body)

    upstream.routes["GET", ORDERS] = slow
    found = []

    def first():
        try:
            found.append(pull(client))
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert held.wait(timeout=LONG_SECONDS)
    assert pull(client) is None
    go_on.set()
    thread.join(timeout=LONG_SECONDS)
    assert found == [1]


def test_a_reader_that_was_killed_holds_nobody_up(upstream, client):
    """Trap 23: the turn to read is gone with the connection of the reader that was killed."""
    held, go_on = threading.Event(), threading.Event()
    listing = world.listing([world.order(1)])

    def hang(query, body):
        held.set()
        go_on.wait(timeout=LONG_SECONDS)
        return listing(query, body)

    upstream.routes["GET", ORDERS] = hang
    thread = threading.Thread(target=world.until_cut_off, args=(lambda: pull(client),))
    thread.start()
    assert held.wait(timeout=LONG_SECONDS)
    assert pull(client) is None
    upstream.routes["GET", ORDERS] = listing
    world.cut_off_holders_of_turns()
    assert pull(client) == 1
    go_on.set()
    thread.join(timeout=LONG_SECONDS)
    assert Order.objects.count() == 1


def test_a_page_whose_commit_failed_is_taken_again(upstream, client):
    """Trap 22: a page whose commit failed is taken again, its orders once."""
    upstream.routes["GET", ORDERS] = world.listing([world.order(1), world.order(2)])
    calls = []

    def flaky(records, source, now):
        taken = jobs._take_orders(records, source, now)
        calls.append(len(records))
        if len(calls) == 1:
            raise ConnectionError("the answer to COMMIT was lost")
        return taken

    puller = Puller("orders", flaky)
    with pytest.raises(ConnectionError):
        pull(client, puller)
    assert pull(client, puller) == 0
    assert calls == [2, 2]
    assert Order.objects.count() == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("headers", "waits"), [({"Retry-After": "7"}, [7.0]), ({}, None)])
def test_too_many_requests_is_waited_out(upstream, client, slept, headers, waits, status):
    listing, calls = world.listing([world.order(1)]), []

    def busy_once(query, body):
        calls.append(1)
        return (status, {"detail": "slow down"}, headers) if len(calls) == 1 else listing(query, body)

    upstream.routes["GET", ORDERS] = busy_once
    assert pull(client) == 1
    assert len(slept) == 1
    assert slept == waits if waits else 0.5 <= slept[0] <= 0.75


def test_cancellation_plans_are_pulled_too(upstream, client):
    take = world.order(7001, number=world.GOLDEN["number"])
    upstream.routes["GET", ORDERS] = world.listing([take])
    pull(client)
    plan = world.json.loads((world.CONTRACTS / "seller-center-to-oms/cancellation_plan.json").read_text())
    upstream.routes["GET", PLANS] = world.listing([plan])
    Puller("cancellation_plans", jobs._take_plans).pull(client, supplier_code="AMBAR-01", overlap_seconds=10)
    row = CancellationPlan.objects.get()
    assert (row.upstream_id, row.plan_type, row.status, row.order.upstream_id) == (
        5,
        "cancel",
        "waiting",
        7001,
    )
    assert row.items == [
        {"order_item": 9002, "quantity": "1.00", "reason": "Vazgeçtim", "refund_amount": "200.00"}
    ]


def test_the_loop_rests_without_settings_and_pulls_with_them(upstream, client):
    upstream.routes["GET", ORDERS] = world.listing([world.order(1)])
    loop = jobs.PullLoop(Puller("orders", jobs._take_orders))
    assert loop.drain() == 0
    assert upstream.requests == []
    world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings(upstream.base))
    jobs.PullLoop(Puller("orders", jobs._take_orders)).drain()
    assert Order.objects.count() == 1


def test_once_nothing_has_come_for_long_it_looks_back_with_the_whole_overlap_only(upstream, client):
    records = [world.order(1)]
    upstream.routes["GET", ORDERS] = world.listing(records)
    at = [0.0]
    puller = Puller("orders", jobs._take_orders, monotonic=lambda: at[0])

    def looked_back(seconds):
        """How many seconds before the mark it looked at versions only, if it did; the whole overlap is due every ten seconds."""
        at[0], before = seconds, len(upstream.requests)
        puller.pull(client, supplier_code="AMBAR-01", overlap_seconds=20)
        starts = [q["modified_date__gte"] for _, _, q, _, _ in upstream.requests[before:] if "fields" in q]
        return [(clock.parse(records[-1]["modified_date"]) - clock.parse(text)).seconds for (text,) in starts]

    assert looked_back(0.0) == []
    assert looked_back(0.5) == [20]
    assert [looked_back(second) for second in (1.5, 2.5, 3.5)] == [[1], [1], [1]]
    assert [looked_back(second) for second in (4.5, 6.0, 9.0)] == [[], [], []]
    assert looked_back(10.5) == [20]
    records.append(world.order(2, at=world.T0 + timedelta(seconds=30)))
    assert looked_back(11.0) == []
    assert looked_back(12.0) == [1]


def test_an_upstream_that_lets_wait_is_asked_again_at_once_and_only_for_what_is_new(upstream, client):
    world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings(upstream.base))
    listed = world.listing([world.order(1)])

    def waits(query, body):
        status, page = listed(query, body)
        return status, {**page, **({"wait_after": query["wait_after"][0]} if "wait_after" in query else {})}

    upstream.routes["GET", ORDERS] = waits
    seconds = iter([0.0, 0.0, 0.5])
    loop = jobs.PullLoop(Puller("orders", jobs._take_orders, monotonic=lambda: next(seconds)))
    pauses = []
    for _ in range(3):
        loop._due = 0.0
        loop.drain()
        pauses.append(loop._pause)
    assert pauses[0] == jobs.BUSY_SECONDS
    assert pauses[2] == jobs.WAITED_SECONDS
    asked = [query.get("wait_after") for _, _, query, _, _ in upstream.requests]
    assert asked[0] is None
    assert asked[-1] == [world.iso(world.T0 + timedelta(seconds=1))]


def test_an_upstream_that_refuses_to_let_wait_is_asked_without_from_then_on(upstream, client):
    listed = world.listing([world.order(1)])
    upstream.routes["GET", ORDERS] = lambda query, body: (
        (400, {"wait_after": ["Unknown filter."]}) if "wait_after" in query else listed(query, body)
    )
    seconds = iter([0.0, 0.0, 0.5, 0.6])
    puller = Puller("orders", jobs._take_orders, monotonic=lambda: next(seconds))
    assert [pull(client, puller) for _ in range(4)] == [1, 0, 0, 0]
    assert sum("wait_after" in query for _, _, query, _, _ in upstream.requests) == 1
    assert Watermark.objects.get().error == ""


def leaving_out(upstream, records):
    """A list route of a Seller Center that sends no version the caller names."""
    listed = world.listing(records)

    def route(query, body):
        named = upstream.headers[-1]["X-Ambar-Known"]
        known = set(named.split(".")) if named else set()
        rows = [row for row in records if name(row["pk"], clock.parse(row["modified_date"])) not in known]
        status, page = world.listing(rows)(query, body) if known else listed(query, body)
        return status, {**page, "known": len(known)}

    return route


def name(pk, at):
    return f"{pk}-{int(at.timestamp()) * 1_000_000 + at.microsecond}"


def test_versions_known_here_are_named_and_the_mark_moves_beyond_them(upstream, client):
    one, two = world.order(1), world.order(2)
    records = [one, two]
    upstream.routes["GET", ORDERS] = leaving_out(upstream, records)
    seconds = iter([0.0, 0.1, 0.2, 0.3])
    puller = Puller("orders", jobs._take_orders, monotonic=lambda: next(seconds))
    assert pull(client, puller) == 2
    made = world.T0 + timedelta(seconds=60)
    records[0] = {**one, "modified_date": world.iso(made), "notes": "never read"}
    own_versions.note(world.SOURCE, {(1, world.iso(made)): made})
    assert pull(client, puller) == 0
    at = clock.parse(two["modified_date"])
    assert upstream.headers[-1]["X-Ambar-Known"] == f"{name(2, at)}.{name(1, made)}"
    assert Watermark.objects.get().at == made
    assert Order.objects.get(upstream_id=1).notes == one["notes"]
    records[0] = {**one, "modified_date": world.iso(made + timedelta(microseconds=1)), "notes": "Ring twice."}
    assert pull(client, puller) == 1
    assert Order.objects.get(upstream_id=1).notes == "Ring twice."


def test_an_upstream_that_leaves_nothing_out_is_named_nothing_and_known_versions_are_not_taken(
    upstream, client
):
    records = [world.order(1)]
    upstream.routes["GET", ORDERS] = world.listing(records)
    puller = Puller("orders", jobs._take_orders)
    assert pull(client, puller) == 1
    made = world.T0 + timedelta(seconds=60)
    records[0] = {**records[0], "modified_date": world.iso(made), "notes": "never read"}
    own_versions.note(world.SOURCE, {(1, world.iso(made)): made})
    assert pull(client, puller) == 0
    assert {headers["X-Ambar-Known"] for headers in upstream.headers} == {""}
    assert Watermark.objects.get().at == made
    assert Order.objects.get().notes == world.GOLDEN["notes"]


def test_no_more_versions_are_named_than_a_request_can_carry(upstream, client):
    records = [world.order(pk, at=world.T0 + timedelta(milliseconds=pk)) for pk in range(1, 5)]
    upstream.routes["GET", ORDERS] = leaving_out(upstream, records)
    seconds = iter([0.0, 0.1, 0.2])
    puller = Puller("orders", jobs._take_orders, monotonic=lambda: next(seconds))
    assert pull(client, puller) == 4
    later = [world.T0 + timedelta(milliseconds=5, microseconds=n) for n in range(versions.MOST_NAMED + 50)]
    own_versions.note(world.SOURCE, {(100 + n, world.iso(at)): at for n, at in enumerate(later)})
    records.append(world.order(5, at=later[-1] + timedelta(microseconds=1)))
    assert pull(client, puller) == 1
    named = upstream.headers[-1]["X-Ambar-Known"].split(".")
    assert len(named) == versions.MOST_NAMED
    assert named[:4] == [name(pk, clock.parse(records[pk - 1]["modified_date"])) for pk in range(1, 5)]
    assert Order.objects.count() == 5


def test_further_pages_of_one_moment_are_counted_in_the_list_the_first_was_of(upstream, client):
    records = [world.order(1, at=world.T0), *[world.order(pk, at=world.NOW) for pk in range(2, 6)]]
    upstream.routes["GET", ORDERS] = leaving_out(upstream, records[:1])
    seconds = iter([0.0, 0.1, 0.2])
    puller = Puller("orders", jobs._take_orders, limit=2, monotonic=lambda: next(seconds))
    assert pull(client, puller) == 1
    upstream.routes["GET", ORDERS] = leaving_out(upstream, records[1:])
    asked = len(upstream.requests)
    assert pull(client, puller) == 4
    # Named at once, the two of the first page would have moved the second page beyond the other two.
    whole = [query for _, _, query, _, _ in upstream.requests[asked:] if "fields" not in query]
    pages = [query["page"][0] for query in whole if query["modified_date__gte"] == [world.iso(world.NOW)]]
    assert pages == ["1", "2", "3", "1"]
    assert Order.objects.count() == 5

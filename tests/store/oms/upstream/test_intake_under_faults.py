"""Orders in while the wire misbehaves: the fake Seller Center fails as told, and each order arrives once, in its newest version."""

import random
import threading

import pytest
from django.db import connection

from ambar.cli.fake.faults import Rule
from ambar.kit import clock
from ambar.kit.http import client as guarded_client
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.gateways.client import ATTEMPTS, Client, UpstreamFailed
from ambar.oms.orders.models import Order
from ambar.oms.upstream import configured, jobs, store
from ambar.oms.upstream.actions.pull import Puller
from ambar.oms.upstream.actions.release_known import Release
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.models import NotTaken, Quarantined, Watermark
from tests.worlds import fake_market
from tests.worlds import oms_upstream as world
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db

LIMIT = 5
LONG_MS = int(LONG_SECONDS * 1000)


@pytest.fixture
def slept():
    return []


@pytest.fixture
def client(market, slept, db):
    world.teach_places()
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01"})
    made = Client(schemas.to_settings(world.client_settings(market.url)), sleep=slept.append)
    yield made
    made.close()


def reader():
    return Puller("orders", jobs._take_orders, limit=LIMIT)


def pull(client, puller):
    return puller.pull(client, supplier_code="AMBAR-01", overlap_seconds=10)


def pull_to_the_end(client, puller, rounds=60):
    """Polls as the loop does, going on after what fails, until a whole round brought nothing new."""
    for _ in range(rounds):
        try:
            if pull(client, puller) == 0:
                return
        except UpstreamFailed:
            continue
    raise AssertionError(f"not read to the end in {rounds} rounds")


def here():
    """Order id upstream → the version this OMS has."""
    return {pk: clock.iso(at) for pk, at in Order.objects.values_list("upstream_id", "upstream_modified_at")}


@pytest.mark.parametrize(("said", "waits"), [("7", (7, 7)), ("date:30", (28, 30)), ("", (0.5, 0.75))])
def test_too_many_requests_is_waited_out_as_asked_and_nothing_is_lost(market, client, slept, said, waits):
    """Trap 19: 429 with Retry-After as seconds, as a date, and without."""
    market.fresh(fake_market.orders(12))
    market.fail(Rule(fault="status", status=429, retry_after=said, path="/orders/", after=1, times=1))
    assert pull(client, reader()) == 12
    assert here() == market.versions()
    assert len(slept) == 1 and waits[0] <= slept[0] <= waits[1]
    asked = market.calls("/orders/")
    assert [call["status"] for call in asked].count(429) == 1
    assert len([call for call in asked if call["status"] == 200]) == 3


def test_a_limit_that_lasts_brings_no_storm(market, client, slept):
    """Trap 19: while upstream asks for patience, nobody in the process asks it anything."""
    market.fresh(fake_market.orders(2))
    market.fail(Rule(fault="status", status=429, retry_after="50"))
    with pytest.raises(UpstreamFailed) as failed:
        pull(client, reader())
    assert (failed.value.status, failed.value.retry_after) == (429, 50)
    assert len(market.calls("/orders/")) == ATTEMPTS and slept == [50.0] * (ATTEMPTS - 1)
    market.fail()
    slept.clear()
    client.call("cancellation_plans")
    assert len(slept) == 1 and 40 < slept[0] <= 50
    market.fail(Rule(fault="status", status=429, retry_after="900"))
    with pytest.raises(UpstreamFailed):
        client.call("orders")
    asked = len(market.calls(""))
    with pytest.raises(UpstreamFailed) as refused:
        client.call("countries")
    assert 800 < refused.value.retry_after <= 900
    assert len(market.calls("")) == asked


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_whatever_goes_wrong_on_the_wire_every_order_arrives_once(market, client, seed):
    """Traps 18 and 19: all faults at once while orders change and are added."""
    dice = random.Random(seed)
    market.fresh(fake_market.orders(23, same_second=4))
    market.fail(
        *(Rule(fault=fault, share=0.12) for fault in ("drop", "garbage", "redirect", "reorder", "duplicate", "count")),
        *(Rule(fault="status", status=status, share=0.12) for status in (429, 500, 502, 503, 504)),
        seed=seed,
    )  # fmt: skip
    puller = reader()
    for extra in range(3):
        market.fake.book.put(world.order(100 + extra, at=clock.now()))
        market.fake.book.change(dice.randint(1, 23), {"notes": f"changed {extra}"})
        pull_to_the_end(client, puller)
        puller = reader() if dice.random() < 0.5 else puller
    assert here() == market.versions()
    assert Quarantined.objects.count() == 0
    assert set(market.fake.calls.told()["faults"]) >= {"drop", "status"}
    assert market.calls("/elsewhere/") == []


@pytest.mark.parametrize("same_second", [40, 3])
def test_orders_that_vanish_upstream_while_paging_pull_no_other_past_the_edge(market, client, same_second):
    """Trap 18: orders deleted upstream between two pages, of one time stamp and of several."""
    market.fresh(fake_market.orders(40, same_second=same_second))
    market.fail(Rule(fault="vanish", rows=2, times=6, after=1))
    pull_to_the_end(client, reader())
    assert len(market.versions()) == 28
    assert set(market.versions()) <= set(here())


@pytest.mark.parametrize("page", [b'"maintenance"', b'{"detail": "ok"}', b'{"results": null}', b"7", b"null"])
def test_a_page_that_is_no_list_is_a_failure_and_not_an_empty_list(market, client, monkeypatch, page):
    market.fresh(fake_market.orders(2))
    monkeypatch.setattr(client, "call", lambda *args, **more: world.json.loads(page))
    with pytest.raises(UpstreamFailed, match="no list"):
        pull(client, reader())
    assert "no list" in Watermark.objects.get().error
    monkeypatch.undo()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", market.address)
    assert pull(client, reader()) == 2
    assert Watermark.objects.get().error == ""
    assert Quarantined.objects.count() == 0


def test_answers_that_drip_or_never_end_are_cut_and_asked_for_again(market, client):
    """Trap 25, from the caller's side: a slow drip and a huge body end at the limits; the next try brings the orders."""
    market.fresh(fake_market.orders(2))
    made = guarded_client(read_ms=LONG_MS, connect_ms=LONG_MS)
    made.largest_answer = 1_000_000
    made.total_seconds, patient = 0.4, made.total_seconds

    def calm_down(_: float) -> None:
        made.total_seconds = patient

    hasty = Client(client.settings, http=made, sleep=calm_down)
    market.fail(
        Rule(fault="drip", seconds=0.05, times=1),
        Rule(fault="huge", bytes=5_000_000, times=1),
        Rule(fault="redirect", times=1),
    )
    with pytest.raises(UpstreamFailed) as redirected:
        pull(hasty, reader())
    assert redirected.value.status == 307
    assert [call["fault"] for call in market.calls("/orders/")] == ["drip", "huge", "redirect"]
    assert pull(hasty, reader()) == 2
    assert market.calls("/elsewhere/") == []
    hasty.close()


class Killed(BaseException):
    """What a kill is to the process: nothing after it runs, but what was committed stays."""


@pytest.mark.parametrize(
    "place", ["before_the_page_is_taken", "after_the_page_is_taken", "after_the_mark_moved", "at_the_end"]
)
@pytest.mark.parametrize("page", [1, 3])
def test_reading_goes_on_after_a_crash_at_any_point(market, client, monkeypatch, place, page):
    """Trap 23: a reader that dies before, after and between the writes of a page; the next one reads each order once."""
    market.fresh(fake_market.orders(17, same_second=2))
    passed = []

    def dying(act, *, before):
        def run(*args, **more):
            passed.append(1)
            if before and len(passed) == page:
                raise Killed
            told = act(*args, **more)
            if not before and len(passed) == page:
                raise Killed
            return told

        return run

    puller = reader()
    if place == "at_the_end":
        page = 1
        monkeypatch.setattr(store, "finish", dying(store.finish, before=True))
    elif place == "after_the_mark_moved":
        monkeypatch.setattr(store, "advance", dying(store.advance, before=False))
    else:
        puller._take = dying(jobs._take_orders, before=place == "before_the_page_is_taken")
    with pytest.raises(Killed):
        pull(client, puller)
    monkeypatch.undo()
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", market.address)
    pull_to_the_end(client, reader())
    assert here() == market.versions()
    assert Order.objects.count() == 17


def test_one_place_nobody_knows_holds_only_its_own_orders_and_one_alias_lets_them_go_in_order(market, client):
    """Trap 15: quarantine by cause, its preview, one alias, and the release in the order of upstream."""
    from ambar.oms.upstream.actions.learn_alias import learn_alias
    from ambar.oms.upstream.actions.redrive import redrive

    known, strange = fake_market.orders(8), [3, 5, 8]
    for place in strange:
        known[place - 1] = world.moved(known[place - 1], "township", "Kadıkoyy", 9_999)
    market.fresh([*known, world.order(20, supplier_code="SOMEBODY"), world.order(21, status="200")])
    rule = {"name": "approved", "condition": {"field": "status", "op": "in", "value": ["400"]}}
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01", "order_filters": [rule]})
    market.fail(Rule(fault="drop", share=0.3), Rule(fault="duplicate", share=0.3))
    pull_to_the_end(client, reader())
    assert set(here()) == {1, 2, 4, 6, 7}
    assert list(NotTaken.objects.values_list("upstream_id", "rule")) == [(21, "approved")]
    (cause,) = set(Quarantined.objects.values_list("cause", flat=True))
    settings = configured.current()
    foreseen = redrive(cause=cause, configured=settings, now=world.NOW, preview=True)
    assert [verdict.outcome for verdict in foreseen] == ["quarantined"] * 3
    _, released = learn_alias(
        "township", _city(), "Kadıkoyy", _township(), configured=settings, now=world.NOW
    )
    assert [(verdict.upstream_id, verdict.outcome) for verdict in released] == [
        (pk, "created") for pk in strange
    ]
    assert Quarantined.objects.filter(closed_at__isnull=True).count() == 0
    pull_to_the_end(client, reader())
    assert set(here()) == {1, 2, 3, 4, 5, 6, 7, 8}


def test_orders_that_came_before_the_places_were_copied_are_let_go_by_themselves(market, client):
    """Trap 15: an OMS pointed at a market full of orders takes them once its dictionaries are copied."""
    with connection.cursor() as cursor:
        for level in ("district", "township", "city", "country"):
            cursor.execute(f"DELETE FROM oms_places_{level}")
    market.fresh([*fake_market.orders(3), world.moved(world.order(9), "township", "Kadıkoyy", 9_999)])
    pull_to_the_end(client, reader())
    assert set(Quarantined.objects.values_list("kind", flat=True)) == {"unknown_place"} and here() == {}
    release, settings = Release(), configured.current()

    def look():
        return release.look(world.SOURCE, configured=settings, now=world.NOW)

    assert [look(), look()] == [0, 0]
    world.teach_places()
    assert look() == 0
    assert look() == 3
    assert set(here()) == {1, 2, 3}
    (left,) = Quarantined.objects.filter(closed_at__isnull=True)
    assert (left.upstream_id, left.reason) == (9, "unknown township: Kadıkoyy")
    times = left.times
    assert [look(), look()] == [0, 0]
    assert Quarantined.objects.get(pk=left.pk).times == times


def _township():
    return _one("SELECT id FROM oms_places_township WHERE name = 'Kadıköy'")


def _city():
    return _one("SELECT city_id FROM oms_places_township WHERE name = 'Kadıköy'")


def _one(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_orders_pushed_and_pulled_at_once_end_in_their_newest_version(market, client):
    """Traps 10 and 22: the same orders by both ways on real connections, older versions pushed after newer ones."""
    market.fresh(fake_market.orders(30, same_second=7))
    older = [world.order(pk, at=world.T0 - world.timedelta(hours=1), notes="older") for pk in range(1, 31)]
    failures, barrier = [], threading.Barrier(4)

    def beside(act):
        try:
            barrier.wait(timeout=LONG_SECONDS)
            act()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    def push(records):
        settings = configured.current()
        for record in records:
            take_orders([record], source=world.SOURCE, configured=settings, now=world.NOW)

    newest = list(market.fake.book.orders.values())
    acts = [
        lambda: pull_to_the_end(client, reader()),
        lambda: push(reversed(newest)),
        lambda: push(older),
        lambda: push(newest),
    ]
    threads = [threading.Thread(target=beside, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LONG_SECONDS)
    assert failures == []
    assert here() == market.versions()
    assert Order.objects.filter(notes="older").count() == 0

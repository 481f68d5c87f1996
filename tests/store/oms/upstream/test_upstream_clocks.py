"""Upstream's clock goes back: what it stamps before the mark is taken all the same (decision 124)."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from ambar.kit import clock
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.orders.models import Order
from ambar.oms.upstream import jobs
from ambar.oms.upstream.actions.pull import Puller
from ambar.oms.upstream.models import Quarantined, Watermark
from tests.worlds import oms_upstream as world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("places")]
ORDERS = "/api/v1/applications/oms/orders/"
OVERLAP = 10
AHEAD = world.T0 + timedelta(hours=1)


class Ticks:
    """A clock that is moved by hand."""

    at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def records(upstream):
    """What upstream holds; its clock went right until an hour after T0."""
    found = [world.order(1, at=AHEAD)]
    upstream.routes["GET", ORDERS] = lambda query, body: world.listing(found)(query, body)
    yield found
    upstream.date = ""


@pytest.fixture
def client(upstream):
    world.configure("SELLER_CENTER_SETTINGS", {"supplier_code": "AMBAR-01"})
    made = Client(schemas.to_settings(world.client_settings(upstream.base)), sleep=lambda _: None)
    yield made
    made.close()


@pytest.fixture
def puller(ticks):
    return Puller("orders", jobs._take_orders, limit=3, monotonic=ticks)


def pull(client, puller):
    return puller.pull(client, supplier_code="AMBAR-01", overlap_seconds=OVERLAP)


def say(upstream, at):
    upstream.date = format_datetime(at, usegmt=True)


def test_what_is_stamped_before_the_mark_is_taken_while_the_clock_is_behind(
    upstream, client, puller, records, ticks
):
    assert pull(client, puller) == 1
    for second in range(1, 8):
        say(upstream, world.T0 + timedelta(seconds=second * OVERLAP))
        records.append(world.order(10 + second, at=world.T0 + timedelta(seconds=second * OVERLAP)))
        ticks.at += OVERLAP
        assert pull(client, puller) == 1
    assert Order.objects.count() == 8
    assert (Watermark.objects.get().at, Watermark.objects.get().taken) == (AHEAD, 8)


def test_only_where_the_clock_stands_is_looked_at_and_not_at_every_poll(
    upstream, client, puller, records, ticks
):
    pull(client, puller)
    say(upstream, world.T0)
    records += [world.order(pk, at=world.T0 + timedelta(minutes=pk)) for pk in range(2, 50)]
    ticks.at += 1
    before = len(upstream.requests)
    assert pull(client, puller) == 0
    beside = [
        query
        for query, _ in upstream.asked(ORDERS)[before:]
        if query["modified_date__gte"][0] < world.iso(AHEAD - timedelta(minutes=1))
    ]
    assert len(beside) == 1
    assert pull(client, puller) == 0
    assert all(
        query["modified_date__gte"][0] > world.iso(AHEAD - timedelta(minutes=1))
        for query, _ in upstream.asked(ORDERS)[before + 3 :]
    )


def test_a_clock_that_goes_right_costs_no_question(upstream, client, puller, records, ticks):
    for date in (AHEAD + timedelta(seconds=1), AHEAD - timedelta(seconds=OVERLAP - 1)):
        say(upstream, date)
        pull(client, puller)
        ticks.at += 1
        before = len(upstream.requests)
        pull(client, puller)
        assert len(upstream.requests) - before <= 2, "the versions looked back at, and what is new"


def test_a_worker_that_comes_back_looks_as_far_as_it_was_away(upstream, client, records, ticks):
    pull(client, Puller("orders", jobs._take_orders, monotonic=ticks))
    Watermark.objects.update(succeeded_at=clock.now() - timedelta(minutes=40))
    say(upstream, world.T0 + timedelta(minutes=40))
    records.append(world.order(2, at=world.T0 + timedelta(minutes=1)))
    assert pull(client, Puller("orders", jobs._take_orders, monotonic=ticks)) == 1


def test_what_is_malformed_there_is_set_aside_once(upstream, client, puller, records, ticks):
    pull(client, puller)
    say(upstream, world.T0)
    records.append(world.order(2, at=world.T0, amount="a lot"))
    for _ in range(3):
        ticks.at += OVERLAP
        assert pull(client, puller) == 0
    assert Quarantined.objects.get().times == 1


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Thu, 15 Jan 2026 09:30:00 -0000",
    ],
)
def test_a_date_that_says_nothing_is_no_measure(upstream, client, puller, records, date, ticks):
    pull(client, puller)
    upstream.date = date
    ticks.at += OVERLAP
    assert pull(client, puller) == 0
    assert Watermark.objects.get().error == ""

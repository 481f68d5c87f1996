"""Malformed orders under ids that are known: nothing of them is lost, and they touch nothing that lies beside them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ambar.oms.orders.models import Order
from ambar.oms.upstream.actions.redrive import redrive
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.configured import Configured
from ambar.oms.upstream.models import Quarantined
from tests.worlds import oms_upstream as world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("places")]

PULLED = Configured(supplier_code="AMBAR-01")
SENT = replace(PULLED, supplier_named=True)
LATER = world.NOW + timedelta(seconds=5)


def take(*records, configured=PULLED):
    return [
        verdict.outcome
        for verdict in take_orders(list(records), source=world.SOURCE, configured=configured, now=world.NOW)
    ]


def send(*records):
    return take(*records, configured=SENT)


def lying():
    """What lies in quarantine: number as it came, kind, how often it came, and what became of it."""
    return list(Quarantined.objects.order_by("id").values_list("number", "kind", "times", "outcome"))


def nameless(pk, **changed):
    """An order of somebody: it says neither its number nor whose it is."""
    return world.order(pk, supplier_code=None, **changed) | {"number": None}


def lost_place(pk, **changed):
    return world.moved(world.order(pk, **changed), "district", "Nowhere", 999)


def test_what_is_sent_without_number_and_supplier_lies_beside_what_waits_under_its_id():
    send(lost_place(5))
    [waiting] = Quarantined.objects.values()
    first, second = nameless(5, notes="first"), nameless(5, notes="second")
    assert send(first) == send(second) == send(second) == ["quarantined"]
    assert Quarantined.objects.values().order_by("id")[0] == waiting
    assert lying() == [
        ("SC-5", "unknown_place", 1, ""),
        (None, "malformed", 1, ""),
        (None, "malformed", 2, ""),
    ]
    assert [row.payload["notes"] for row in Quarantined.objects.order_by("id")[1:]] == ["first", "second"]


def test_the_order_that_is_here_goes_on_and_closes_nothing_that_may_be_anothers():
    send(world.order(5, at=world.T0))
    assert send(nameless(5)) == ["quarantined"]
    assert send(world.order(5, at=LATER)) == ["updated"]
    [row] = Quarantined.objects.all()
    assert (row.closed_at, row.upstream_id, row.cause) == (None, 5, "malformed:number")
    assert row.reason.endswith('; supplier_code: sent here without "AMBAR-01", so it may be another order 5')


def test_one_that_names_our_supplier_is_the_order_of_its_id_and_is_let_go_by_its_next_version():
    send(world.order(5, at=world.T0))
    assert send(world.order(5, at=world.NOW) | {"number": None}) == ["quarantined"]
    assert send(world.order(5, at=LATER)) == ["updated"]
    assert lying() == [(None, "malformed", 1, "taken")]


@pytest.mark.parametrize("known", [world.order, lost_place])
@pytest.mark.parametrize("come", [take, send])
def test_one_of_another_number_lies_apart_and_says_so(known, come):
    take(known(5, at=world.T0))
    before = list(Quarantined.objects.values())
    assert come(world.order(5, number="HUB-9", amount="a lot")) == ["quarantined"]
    row = Quarantined.objects.get(number="HUB-9")
    assert (row.kind, row.cause, row.detail["number_here"]) == ("malformed", "malformed:amount", "SC-5")
    assert row.reason.startswith("amount: ")
    assert row.reason.endswith('; number: order 5 is "SC-5" here, and comes as "HUB-9"')
    assert list(Quarantined.objects.exclude(pk=row.pk).values()) == before
    assert take(world.order(5, at=LATER)) == [("updated" if known is world.order else "created")]
    row.refresh_from_db()
    assert row.closed_at is None


def test_offered_again_it_stays_where_it_lies():
    take(world.order(5, at=world.T0))
    send(nameless(5), world.order(5, number="HUB-9", amount="a lot"))
    for renames in (False, True):
        ids = list(Quarantined.objects.values_list("pk", flat=True))
        again = redrive(ids=ids, configured=PULLED, now=world.NOW, renames=renames)
        assert [verdict.outcome for verdict in again] == ["quarantined"] * 2
    assert lying() == [(None, "malformed", 3, ""), ("HUB-9", "malformed", 3, "")]
    assert Order.objects.get().number == "SC-5"


def test_an_older_version_that_comes_again_does_not_close_a_newer_one_that_is_malformed():
    """A hook that is delivered twice, or late."""
    take(world.order(5, at=world.T0))
    take(world.order(5, at=world.NOW, amount="a lot"))
    assert take(world.order(5, at=world.T0)) == ["unchanged"]
    assert lying() == [("SC-5", "malformed", 1, "")]
    assert take(world.order(5, at=world.NOW)) == ["updated"]
    assert lying() == [("SC-5", "malformed", 1, "taken")]


def test_one_whose_time_can_t_be_read_is_closed_by_what_is_new_only():
    take(world.order(5, at=world.T0))
    take(world.order(5) | {"modified_date": "yesterday"})
    assert take(world.order(5, at=world.T0)) == ["unchanged"]
    assert lying() == [("SC-5", "malformed", 1, "")]
    assert take(world.order(5, at=LATER)) == ["updated"]
    assert lying() == [("SC-5", "malformed", 1, "taken")]


def test_an_older_malformed_version_does_not_replace_a_newer_one_that_waits():
    take(lost_place(5, at=world.NOW))
    take(world.order(5, at=world.T0, amount="a lot"))
    assert lying() == [("SC-5", "unknown_place", 1, "")]
    take(world.order(5, at=LATER, amount="a lot"))
    assert lying() == [("SC-5", "malformed", 2, "")]
    take(lost_place(5, at=world.NOW))
    assert lying() == [("SC-5", "malformed", 2, "")]

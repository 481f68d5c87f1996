"""Item statuses out while the wire misbehaves: each item is told its statuses in order, the last one surely, none backwards."""

import random
from datetime import timedelta

import pytest

from ambar.cli.fake.faults import Rule
from ambar.oms.omnitron_client import schemas
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.packages.models import Package
from ambar.oms.upstream.actions.sync_statuses import note_changes, send_due
from ambar.oms.upstream.domain.statuses import DEFAULT_MAP
from ambar.oms.upstream.models import StatusSync
from tests.worlds import oms_records as records
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db

BULK = "bulk_status_update"
ORDERS = 5


@pytest.fixture
def client(market):
    made = Client(
        schemas.to_settings(world.client_settings(market.url)), sleep=lambda seconds: None, attempts=2
    )
    yield made
    made.close()


@pytest.fixture
def packages(db, market):
    """Packages of this OMS, and their items as the market knows them."""
    house = records.build()
    made = [records.package(house, state=100) for _ in range(ORDERS)]
    for number, one in enumerate(made, start=1):
        order = world.order(7000 + number)
        for place, item in enumerate(order["orderitem_set"], start=1):
            item.update(id=(7000 + number) * 10 + place, pk=(7000 + number) * 10 + place)
        market.fake.book.put(order)
        assert one.id
    return [one.id for one in made]


def at(minutes):
    return world.NOW + timedelta(minutes=10 * minutes)


def move(packages, state, now):
    Package.objects.filter(pk__in=packages).update(state=state, sync_pending_at=now)


def tell(client, now):
    note_changes(DEFAULT_MAP, now=now)
    return send_due(client, now=lambda: now)


def told(market):
    return {int(key): codes for key, codes in market.fake.book.told()["statuses"].items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_goes_wrong_each_item_is_told_its_last_status_and_none_twice_or_backwards(
    market, client, packages, seed
):
    """Trap 19: half-applied bulk answers, refusals, lost answers; only what was not applied is told again."""
    dice, round_ = random.Random(seed), 0
    market.fail(
        *(Rule(fault=fault, path=BULK, share=0.25) for fault in ("half", "drop", "swallow", "duplicate", "garbage")),
        *(Rule(fault="status", status=status, path=BULK, share=0.15) for status in (429, 503)),
        seed=seed,
    )  # fmt: skip
    for state in (500, 600, 640, 700):
        for _ in range(dice.randint(1, 3)):
            move(dice.sample(packages, dice.randint(1, ORDERS)), state, at(round_))
            tell(client, at(round_))
            round_ += 1
    market.fail()
    move(packages, 700, at(round_))
    while StatusSync.objects.filter(state="pending").exists() or round_ < 20:
        tell(client, at(round_))
        round_ += 1
        assert round_ < 60
    everything = told(market)
    assert len(everything) == 2 * ORDERS
    assert all(codes == sorted(set(codes)) and codes[-1] == "550" for codes in everything.values())
    assert set(StatusSync.objects.values_list("state", "sent")) == {("sent", 550)}


def test_of_half_a_bulk_update_only_the_rest_is_told_again(market, client, packages):
    """Trap 19: a half-applied bulk answer; row by row what was taken and what was not."""
    move(packages, 600, at(0))
    market.fail(Rule(fault="half", path=BULK, times=1))
    assert tell(client, at(0)) == 2 * ORDERS
    first = told(market)
    waiting = set(StatusSync.objects.filter(state="pending").values_list("upstream_item_id", flat=True))
    assert len(first) == ORDERS and waiting.isdisjoint(first)
    assert "nothing for this item" in StatusSync.objects.filter(state="pending").first().reason
    assert tell(client, at(1)) == ORDERS
    again = told(market)
    assert [again[item] for item in sorted(waiting)] == [["500"]] * ORDERS
    assert market.fake.book.told()["repeated_statuses"] == 0
    assert tell(client, at(2)) == 0


def test_a_lost_answer_is_told_again_without_effect_and_in_one_request_for_all_orders(
    market, client, packages
):
    """Trap 22: the bulk update was applied, its answer lost."""
    move(packages, 600, at(0))
    market.fail(Rule(fault="swallow", path=BULK, times=1))
    assert tell(client, at(0)) == 2 * ORDERS
    assert told(market) == {item: ["500"] for item in told(market)} and len(told(market)) == 2 * ORDERS
    assert market.fake.book.told()["repeated_statuses"] == 2 * ORDERS
    assert [call["fault"] for call in market.calls(BULK, "PATCH")] == ["swallow", None]
    assert set(StatusSync.objects.values_list("state", flat=True)) == {"sent"}


def test_an_item_that_upstream_cancelled_or_does_not_know_stops_no_other(market, client, packages):
    """What upstream is past is settled, what it does not know is set aside with its words, the others go through."""
    market.fake.book.change_items([{"id": 70011, "status": 100}])
    market.fake.book.change_items([{"id": 70022, "status": 550}])
    market.fake.book.remove(7003)
    move(packages, 600, at(0))
    assert tell(client, at(0)) == 2 * ORDERS
    found = {row.upstream_item_id: (row.state, row.reason) for row in StatusSync.objects.all()}
    assert found.pop(70011) == ("sent", "upstream is already at 100")
    assert found.pop(70022) == ("sent", "upstream is already at 550")
    assert [found.pop(item)[0] for item in (70031, 70032)] == ["set_aside"] * 2
    assert "Unknown order item: 70032" in StatusSync.objects.get(upstream_item_id=70032).reason
    assert set(found.values()) == {("sent", "")}
    assert told(market)[70041] == ["500"]
